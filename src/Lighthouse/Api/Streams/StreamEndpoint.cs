using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>A job's stream; the README of this folder draws it.</summary>
/// <param name="closing">The Lighthouse ends: streams break off, and their clients come again.</param>
internal sealed class StreamEndpoint(PoolParts pool, TimeProvider time, CancellationToken closing)
{
    private readonly OpenStreams _open = new();

    public Task GetAsync(HttpContext context) => RunAsync(context, name => context.Request.Query[name]);

    /// <summary>The same, with the query in the body: of a large array it is longer than a request line may be.</summary>
    public async Task PostAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = StreamQuery.BytesMax;
        }

        string text;
        using (var body = new StreamReader(context.Request.Body))
        {
            text = await body.ReadToEndAsync(context.RequestAborted);
        }

        var query = QueryHelpers.ParseQuery(text);
        await RunAsync(context, name => query.GetValueOrDefault(name));
    }

    private async Task RunAsync(HttpContext context, Func<string, string?> asked)
    {
        var (query, error) = StreamQuery.Parse(asked);
        if (query is null)
        {
            await context.RefuseAsync(ProblemCodes.BadRequest, error!);
            return;
        }

        var id = context.Request.RouteValues["id"] as string;
        if (!Ids.IsValid(id) || await pool.Views.JobAsync(id!, context.RequestAborted) is null)
        {
            await context.RefuseAsync(JobEndpoints.NotFound(id));
            return;
        }

        using var place = _open.TryOpen(Caller.Of(context).Member.Id);
        if (place is null)
        {
            await context.RefuseAsync(ProblemCodes.LimitReached, $"you have {OpenStreams.OwnMax} streams open, as many as one person may have: close some ('akc run' and 'akc logs' hold one each)");
            return;
        }

        context.Response.ContentType = StreamFrame.MediaType;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, closing);

        // Before anything is read: what changes from here on is told.
        using var changes = pool.Feed.Subscribe(id!);
        var job = new JobReader(pool, id!, end.Token);
        var frames = new FrameWriter(context.Response.BodyWriter, end.Token);
        var pulse = new StreamPulse(frames, changes, time, end.Token);
        try
        {
            await (query.Ordered ? new OrderedStream(job, query, frames, pulse).RunAsync() : new LiveStream(job, query, frames, pulse).RunAsync());
        }
        catch (InvalidDataException) when (context.Response.BodyWriter.UnflushedBytes > 0)
        {
            await frames.FlushAsync(); // what is whole; a client that comes again from there is told what is not
            throw;
        }
    }
}
