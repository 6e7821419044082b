using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.ComputeNode.Link;

// Blobs: HTTP beside the session, over the same pinned key.
internal sealed partial class LighthouseLink
{
    /// <summary>A blob of a file is at most 16 MiB; a tree of 100,000 files with long names is more.</summary>
    public const long BlobBytesMax = 256 * 1024 * 1024;

    /// <summary>Digests asked for in one request: 64 KiB of them or so.</summary>
    private const int MissingBatchMax = 1000;

    private const int ChunkBytes = 64 * 1024;

    /// <summary>Above this a round trip is cheaper than to send what a full disk refuses.</summary>
    private const int ExpectContinueBytesMin = 1024 * 1024;

    public async Task<IReadOnlyList<string>> MissingBlobsAsync(IReadOnlyList<string> digests, CancellationToken cancel)
    {
        var missing = new List<string>();
        foreach (var batch in digests.Chunk(MissingBatchMax))
        {
            missing.AddRange(await RetryAsync(
                async (server, stall) =>
                {
                    using var body = JsonContent.Create([.. batch], ProtocolJson.Default.ListString);
                    using var response = await transport.Blobs.PostAsync(new Uri(server, Routes.BlobsMissing), body, stall.Token);
                    await ThrowUnlessDoneAsync(response, "what it lacks", stall.Token);
                    return await response.Content.ReadFromJsonAsync(ProtocolJson.Default.ListString, stall.Token) ?? [];
                },
                cancel));
        }

        return missing;
    }

    public Task UploadBlobAsync(string digest, Func<Stream> content, CancellationToken cancel) =>
        RetryAsync(
            async (server, stall) =>
            {
                await using var stream = content();
                using var body = new GuardedContent(stream, stall);
                using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(server, Routes.Blob(digest))) { Content = body };
                request.Headers.ExpectContinue = body.Headers.ContentLength is not <= ExpectContinueBytesMin;
                using var response = await transport.Blobs.SendAsync(request, stall.Token);
                await ThrowUnlessDoneAsync(response, "the upload of " + digest[..12], stall.Token);
                return true;
            },
            cancel);

    public Task DownloadBlobAsync(string digest, Stream into, CancellationToken cancel)
    {
        var start = into.CanSeek ? into.Position : 0;
        var written = 0L;
        return RetryAsync(
            async (server, stall) =>
            {
                if (written > 0)
                {
                    Rewind(into, start);
                    written = 0;
                }

                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, Routes.Blob(digest)));
                using var response = await transport.Blobs.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
                if (response.StatusCode == HttpStatusCode.NotFound)
                {
                    throw new FileNotFoundException($"the Lighthouse has no blob {digest}");
                }

                await ThrowUnlessDoneAsync(response, "the download of " + digest[..12], stall.Token);
                await using var body = await response.Content.ReadAsStreamAsync(stall.Token);
                var chunk = new byte[ChunkBytes];
                while (await body.ReadAsync(chunk, stall.Token) is var read and > 0)
                {
                    stall.Moved();
                    written += read;
                    if (written > BlobBytesMax)
                    {
                        throw new BlobRefusedException($"the blob {digest[..12]} is larger than {BlobBytesMax} bytes: not taken");
                    }

                    try
                    {
                        await into.WriteAsync(chunk.AsMemory(0, read), cancel);
                    }
                    catch (IOException e)
                    {
                        throw new BlobRefusedException(e.Message, e); // of this side's disk: another try would not help
                    }
                }

                return true;
            },
            cancel);
    }

    /// <summary>Again and again, after waits with jitter and while the link is up, until it is done or refused.</summary>
    private async Task<T> RetryAsync<T>(Func<Uri, StallGuard, Task<T>> transfer, CancellationToken cancel)
    {
        var backoff = new Backoff(options.ReconnectMin, options.ReconnectMax, options.Jitter);
        while (true)
        {
            var server = await UpAsync(cancel);
            using var stall = new StallGuard(options.BlobStall, cancel);
            try
            {
                return await transfer(server, stall);
            }
            catch (HttpRequestException e) when (e.InnerException is BlobRefusedException refused)
            {
                throw new BlobRefusedException(refused.Message, refused);
            }
            catch (Exception e) when (IsTransient(e) && !cancel.IsCancellationRequested)
            {
                await Task.Delay(backoff.Next(), options.Time, cancel);
            }
        }
    }

    private static bool IsTransient(Exception e) => e switch
    {
        BlobRefusedException or FileNotFoundException => false,
        HttpRequestException or HttpIOException or OperationCanceledException or JsonException => true,
        _ => false,
    };

    /// <exception cref="BlobRefusedException">Another try would not help.</exception>
    /// <exception cref="HttpRequestException">Another try may help.</exception>
    private static async Task ThrowUnlessDoneAsync(HttpResponseMessage response, string what, CancellationToken cancel)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var code = (int)response.StatusCode;
        switch (response.StatusCode)
        {
            case HttpStatusCode.InsufficientStorage:
                throw new BlobRefusedException($"the Lighthouse's disk is full: it refused {what}; free some space there");
            case HttpStatusCode.RequestEntityTooLarge:
                throw new BlobRefusedException($"the Lighthouse refused {what}: too large");
            case HttpStatusCode.Unauthorized or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests:
            case >= HttpStatusCode.InternalServerError:
                throw new HttpRequestException($"the Lighthouse answered {code}", null, response.StatusCode);
            default:
                var detail = await ReadProblemAsync(response, cancel);
                throw new BlobRefusedException($"the Lighthouse refused {what}: {detail ?? code.ToString()}");
        }
    }

    private static async Task<string?> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(ChunkBytes, cancel);
            var problem = await response.Content.ReadFromJsonAsync(ProtocolJson.Default.Problem, cancel);
            return problem is null ? null : LinkFailure.Printable(problem.Detail ?? problem.Title);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException)
        {
            return null;
        }
    }

    private static void Rewind(Stream into, long start)
    {
        if (!into.CanSeek)
        {
            throw new BlobRefusedException("a download broke off and what it goes into can't be rewound");
        }

        into.Position = start;
        into.SetLength(start);
    }
}

/// <summary>A transfer that no further try would complete; the message is for people.</summary>
internal sealed class BlobRefusedException : IOException
{
    public BlobRefusedException(string message, Exception? inner = null)
        : base(message, inner)
    {
        HResult = inner?.HResult ?? HResult; // a full disk on this side stays recognisable
    }
}

/// <summary>Ends a transfer that has not moved for <paramref name="timeout"/>.</summary>
internal sealed class StallGuard : IDisposable
{
    private readonly TimeSpan timeout;
    private readonly CancellationTokenSource end;

    public StallGuard(TimeSpan timeout, CancellationToken cancel)
    {
        this.timeout = timeout;
        end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        end.CancelAfter(timeout);
    }

    public CancellationToken Token => end.Token;

    public void Moved() => end.CancelAfter(timeout);

    public void Dispose() => end.Dispose();
}

/// <summary>An upload's body that tells its guard of each chunk.</summary>
internal sealed class GuardedContent(Stream source, StallGuard stall) : HttpContent
{
    private const int ChunkBytes = 64 * 1024;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, stall.Token);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var chunk = new byte[ChunkBytes];
        while (await ReadAsync(chunk, cancellationToken) is var read and > 0)
        {
            await stream.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
            stall.Moved();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = source.CanSeek ? source.Length - source.Position : 0;
        return source.CanSeek;
    }

    private async ValueTask<int> ReadAsync(byte[] chunk, CancellationToken cancel)
    {
        try
        {
            return await source.ReadAsync(chunk, cancel);
        }
        catch (IOException e)
        {
            throw new BlobRefusedException("what is to be uploaded can't be read: " + e.Message, e);
        }
    }
}
