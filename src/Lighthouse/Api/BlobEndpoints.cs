using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>Blobs in and out. People read all; a node reads what its tasks need.</summary>
internal sealed class BlobEndpoints(PoolParts pool, NodeBlobs nodes)
{
    public async Task MissingAsync(HttpContext context)
    {
        if (await IsRefusedAsync(context))
        {
            return;
        }

        if (await context.ReadAsync(ProtocolJson.Default.ListString) is not { } digests)
        {
            return;
        }

        if (!digests.All(Digest.IsValid))
        {
            await context.RefuseAsync(ProblemCodes.BadRequest, "a blob is named by 64 signs of lower-case hex");
            return;
        }

        await context.AnswerAsync([.. digests.Where(digest => !pool.Blobs.Has(digest))], ProtocolJson.Default.ListString);
    }

    public async Task PutAsync(HttpContext context)
    {
        if (await DigestAsync(context) is not { } digest || await IsRefusedAsync(context))
        {
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = Tree.BytesMax;
        }

        // One that is here is not read again; Kestrel takes what of it is on its way.
        if (!pool.Blobs.Has(digest))
        {
            if (context.Request.ContentLength > Tree.BytesMax)
            {
                await context.RefuseAsync(ProblemCodes.TooLarge, BlobTooLargeException.Text);
                return;
            }

            if (await StoreAsync(context, digest) is { } problem)
            {
                await context.RefuseAsync(problem);
                return;
            }
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task GetAsync(HttpContext context)
    {
        if (await DigestAsync(context) is not { } digest)
        {
            return;
        }

        var caller = Caller.Of(context);
        if (caller.IsNode && await nodes.ComplaintAsync(caller.Member.Id, digest, context.RequestAborted) is { } complaint)
        {
            await context.RefuseAsync(complaint);
            return;
        }

        await using var blob = pool.Blobs.Open(digest);
        if (blob is null)
        {
            await context.RefuseAsync(ProblemCodes.NotFound, $"there is no blob {digest}");
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = blob.Length;
        await blob.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    /// <summary>A node without work has no blobs to bring; then the answer has been given.</summary>
    private async Task<bool> IsRefusedAsync(HttpContext context)
    {
        var caller = Caller.Of(context);
        if (!caller.IsNode || nodes.ComplaintOfWriter(caller.Member.Id) is not { } complaint)
        {
            return false;
        }

        await context.RefuseAsync(complaint);
        return true;
    }

    private async Task<Problem?> StoreAsync(HttpContext context, string digest)
    {
        try
        {
            await pool.Blobs.PutAsync(digest, context.Request.Body, context.RequestAborted);
            return null;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Problems.Of(ProblemCodes.TooLarge, BlobTooLargeException.Text);
        }
        catch (BlobTooLargeException e)
        {
            return Problems.Of(ProblemCodes.TooLarge, e.Message);
        }
        catch (FormatException e)
        {
            return Problems.Of(ProblemCodes.BadRequest, e.Message);
        }
        catch (IOException e) when (e is not BadHttpRequestException and not Microsoft.AspNetCore.Connections.ConnectionResetException)
        {
            return Problems.Of(ProblemCodes.DiskFull, $"the Lighthouse can't store it: {e.Message}");
        }
    }

    private static async Task<string?> DigestAsync(HttpContext context)
    {
        var digest = context.Request.RouteValues["digest"] as string;
        if (Digest.IsValid(digest))
        {
            return digest;
        }

        await context.RefuseAsync(ProblemCodes.BadRequest, "a blob is named by 64 signs of lower-case hex");
        return null;
    }
}
