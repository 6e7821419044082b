using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>A job's stream; the README of this folder draws it.</summary>
/// <param name="closing">The Lighthouse ends: streams break off, and their clients come again.</param>
internal sealed class StreamEndpoint(PoolParts pool, TimeProvider time, CancellationToken closing)
{
    public async Task GetAsync(HttpContext context)
    {
        var (query, error) = StreamQuery.Parse(context.Request.Query);
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
