using System.Text.Json;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>Every refusal as RFC 9457 has it.</summary>
internal static class Problems
{
    public const string MediaType = "application/problem+json";

    /// <summary>The one line for people may quote what was sent.</summary>
    public const int DetailLengthMax = 1000;

    public static Problem Of(string code, string detail)
    {
        var (status, title) = code switch
        {
            ProblemCodes.BadRequest => (400, "Bad request"),
            ProblemCodes.Unauthorized => (401, "Not authorised"),
            ProblemCodes.Forbidden => (403, "Not allowed"),
            ProblemCodes.WrongCode => (403, "Wrong code"),
            ProblemCodes.ExpiredCode => (403, "Code expired"),
            ProblemCodes.NotFound => (404, "Not found"),
            ProblemCodes.NameTaken => (409, "Name taken"),
            ProblemCodes.Conflict => (409, "Conflict"),
            ProblemCodes.TooLarge => (413, "Too large"),
            ProblemCodes.VersionRefused => (426, "Another version"),
            ProblemCodes.TooManyTries => (429, "Too many tries"),
            ProblemCodes.LimitReached => (429, "Limit reached"),
            ProblemCodes.NotReady => (503, "Not ready"),
            ProblemCodes.DiskFull => (507, "Disk full"),
            _ => (500, "Internal error"),
        };
        return new Problem("about:blank", title, status, Printable.Line(detail, DetailLengthMax), code);
    }

    public static Task RefuseAsync(this HttpContext context, string code, string detail) => context.RefuseAsync(Of(code, detail));

    public static Task RefuseAsync(this HttpContext context, Refusal refusal) => context.RefuseAsync(Of(refusal.Code, refusal.Detail));

    /// <summary>Nothing of the answer may have been sent yet.</summary>
    public static Task RefuseAsync(this HttpContext context, Problem problem)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(problem, ProtocolJson.Default.Problem);
        context.Response.Clear();
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = MediaType;
        context.Response.ContentLength = bytes.Length;
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes).AsTask();
    }
}
