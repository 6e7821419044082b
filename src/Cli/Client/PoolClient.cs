using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Client;

/// <summary>This home's way to its Lighthouse. Every request may be sent again: submits carry an id, the rest changes nothing twice.</summary>
internal sealed class PoolClient : IDisposable
{
    /// <summary>The Lighthouse answers in milliseconds; a disk that hangs has this long.</summary>
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(40);

    /// <summary>A list of the most jobs that there is, and some; what answers may not be our Lighthouse's own code.</summary>
    private const int AnswerBytesMax = 256 * 1024 * 1024;

    private const int ProblemBytesMax = 64 * 1024;

    private const int ReasonLengthMax = 1000;

    private const int QueryLengthMax = Routes.RequestLineBytesMax / 2;

    /// <summary>A transfer may take as long as it moves: so long without a byte is the end.</summary>
    private static readonly TimeSpan StallTime = TimeSpan.FromSeconds(40);

    private readonly LighthouseDoor _door;

    private PoolClient(Membership membership, LighthouseDoor door)
    {
        Membership = membership;
        _door = door;
    }

    public Membership Membership { get; }

    /// <exception cref="AkcException">This home belongs to no pool.</exception>
    public static PoolClient Open(Home home)
    {
        var membership = LoadMembership(home) ?? throw new AkcException(
            "this home belongs to no pool: 'akc up' starts one, 'akc join CODE' joins a friend's", ExitCodes.NoLighthouse);
        return Open(home, membership);
    }

    public static PoolClient Open(Home home, Membership membership) => new(membership, new LighthouseDoor(home, membership));

    /// <exception cref="AkcException">The file is damaged.</exception>
    public static Membership? LoadMembership(Home home)
    {
        try
        {
            return Membership.Load(home);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{home.MembershipFile} can't be read ({e.Message}): delete it and join again", ExitCodes.Failed, e);
        }
    }

    /// <summary>Where it was reached last.</summary>
    public string Address => _door.Address;

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel) =>
        AskAsync(() => new HttpRequestMessage(HttpMethod.Get, path), type, cancel);

    public Task<T> PostAsync<TBody, T>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancel) =>
        AskAsync(() => new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, bodyType) }, type, cancel);

    public Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel) =>
        AskAsync(() => new HttpRequestMessage(HttpMethod.Post, path), type, cancel);

    public async Task PostAsync(string path, CancellationToken cancel)
    {
        using var limit = Limit(RequestTime, cancel);
        using var reply = await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, path), limit, cancel);
    }

    public async Task PutBlobAsync(string digest, Func<Stream> open, CancellationToken cancel)
    {
        using var limit = Limit(StallTime, cancel);
        using var reply = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Put, Routes.Blob(digest)) { Content = Watched(open(), () => limit.CancelAfter(StallTime)) }, limit, cancel);
    }

    /// <summary>At most <paramref name="bytesMax"/> of a blob, not yet compared with its digest.</summary>
    public async Task<byte[]> GetBlobAsync(string digest, int bytesMax, CancellationToken cancel)
    {
        using var limit = Limit(StallTime, cancel);
        using var reply = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, Routes.Blob(digest)), limit, cancel);
        try
        {
            await using var body = await reply.Content.ReadAsStreamAsync(limit.Token);
            using var bytes = new MemoryStream();
            var buffer = new byte[64 * 1024];
            for (int read; (read = await body.ReadAsync(buffer, limit.Token)) > 0;)
            {
                bytes.Write(buffer, 0, read);
                limit.CancelAfter(StallTime);
                if (bytes.Length > bytesMax)
                {
                    throw new AkcException($"the Lighthouse sends more than the {bytesMax} bytes of a blob");
                }
            }

            return bytes.ToArray();
        }
        catch (Exception e) when (IsBroken(e, cancel))
        {
            throw _door.Broken(e);
        }
    }

    /// <summary>A job's stream; its reader notices a dead connection by the pings that don't come.</summary>
    public async Task<Stream> OpenStreamAsync(string path, string query, CancellationToken cancel)
    {
        using var limit = Limit(RequestTime, cancel);
        var reply = await SendAsync(Request, limit, cancel);
        return await reply.Content.ReadAsStreamAsync(cancel); // ends with the stream

        // Of a job with thousands of tasks it is longer than a request line may be.
        HttpRequestMessage Request() => query.Length <= QueryLengthMax
            ? new HttpRequestMessage(HttpMethod.Get, $"{path}?{query}")
            : new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(query, Encoding.ASCII, "application/x-www-form-urlencoded") };
    }

    public void Dispose() => _door.Dispose();

    internal static bool IsBroken(Exception e, CancellationToken cancel) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested);

    /// <summary>With its length: in chunks, a blob of the largest size would be more than a request may have.</summary>
    private static StreamContent Watched(Stream blob, Action moved) => new(new WatchedStream(blob, moved)) { Headers = { ContentLength = blob.Length } };

    private static CancellationTokenSource Limit(TimeSpan time, CancellationToken cancel)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(time);
        return limit;
    }

    private async Task<T> AskAsync<T>(Func<HttpRequestMessage> request, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var limit = Limit(RequestTime, cancel);
        using var reply = await SendAsync(request, limit, cancel);
        try
        {
            await reply.Content.LoadIntoBufferAsync(AnswerBytesMax, limit.Token);
            return await reply.Content.ReadFromJsonAsync(type, limit.Token) is { } answer && ViewCheck.IsSound(answer)
                ? answer
                : throw new AkcException("the Lighthouse's answer lacks a part: are both sides of one version?");
        }
        catch (JsonException e)
        {
            throw new AkcException($"the Lighthouse's answer can't be read: are both sides of one version? ({Printable.Line(e.Message, 200)})", ExitCodes.Failed, e);
        }
        catch (Exception e) when (IsBroken(e, cancel))
        {
            throw _door.Broken(e);
        }
    }

    /// <exception cref="AkcException">The Lighthouse refused, or can't be reached.</exception>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, CancellationTokenSource limit, CancellationToken cancel)
    {
        HttpResponseMessage reply;
        try
        {
            reply = await _door.SendAsync(request, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw _door.Broken(e);
        }

        if (reply.IsSuccessStatusCode)
        {
            return reply;
        }

        using (reply)
        {
            throw await RefusalAsync(reply, Membership.PoolName, limit.Token);
        }
    }

    private static async Task<AkcException> RefusalAsync(HttpResponseMessage reply, string pool, CancellationToken cancel)
    {
        Problem? problem = null;
        try
        {
            await reply.Content.LoadIntoBufferAsync(ProblemBytesMax, cancel);
            problem = await reply.Content.ReadFromJsonAsync(ProtocolJson.Default.Problem, cancel);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or HttpRequestException or IOException)
        {
            // not a Lighthouse's problem: told by its status alone
        }

        if (reply.StatusCode == HttpStatusCode.Unauthorized)
        {
            return new AkcException($"{pool}'s Lighthouse does not know this home any more: 'akc join CODE' joins again", ExitCodes.NotAuthorised);
        }

        return problem is { Code: ProblemCodes.NotReady }
            ? new NotReadyException(problem.Detail is { } why ? Printable.Line(why, ReasonLengthMax) : "the Lighthouse is not ready")
            : new AkcException(problem?.Detail ?? $"the Lighthouse answered {(int)reply.StatusCode}", Refusals.ExitCode(problem?.Code));
    }
}

/// <summary>The exit code that a Lighthouse's refusal leads to.</summary>
internal static class Refusals
{
    public static int ExitCode(string? problemCode) => problemCode switch
    {
        ProblemCodes.Unauthorized or ProblemCodes.Forbidden or ProblemCodes.WrongCode or ProblemCodes.ExpiredCode or ProblemCodes.TooManyTries => ExitCodes.NotAuthorised,
        ProblemCodes.NotFound => ExitCodes.NotFound,
        ProblemCodes.NameTaken or ProblemCodes.Conflict => ExitCodes.Conflict,
        ProblemCodes.TooLarge or ProblemCodes.DiskFull => ExitCodes.Disk,
        ProblemCodes.NotReady => ExitCodes.NoLighthouse,
        _ => ExitCodes.Failed,
    };
}
