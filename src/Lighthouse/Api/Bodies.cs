using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaCompute.Protocol.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>JSON in and out.</summary>
internal static class Bodies
{
    /// <summary>A submit with its largest arguments, escaped, or a list of 60,000 digests.</summary>
    public const int JsonBytesMax = 4 * 1024 * 1024;

    /// <returns>Null when the body is no such JSON: then the answer has been given.</returns>
    public static async Task<T?> ReadAsync<T>(this HttpContext context, JsonTypeInfo<T> type, int bytesMax = JsonBytesMax)
        where T : class
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = bytesMax;
        }

        string reason;
        try
        {
            if (await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted) is { } body)
            {
                return body;
            }

            reason = "the body is null";
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            // The latter is of an object that does not say which of several kinds it is.
            reason = "the body is not the JSON that belongs here: " + e.Message;
        }

        await context.RefuseAsync(ProblemCodes.BadRequest, reason);
        return null;
    }

    public static Task AnswerAsync<T>(this HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
