using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>
/// The Lighthouse's API over its home's socket: what <c>akc --json</c> prints, without a process for each look. A Lighthouse that is
/// away (killed, its disk full) is asked again until <see cref="Patience"/> is over.
/// </summary>
internal sealed class PoolSocket : IDisposable
{
    /// <summary>Longer than any fault of a test lasts.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient http;

    public PoolSocket(string home) =>
        http = new HttpClient(PoolHttp.OverSocket(new Home(home).LighthouseSocket)) { BaseAddress = new Uri("http://localhost") };

    /// <summary>Returns when it is acknowledged: always the same job, however often it had to be asked.</summary>
    public async Task<string> SubmitAsync(SubmitRequest request, CancellationToken cancel)
    {
        using var answer = await AskAsync(() => http.PostAsJsonAsync(Routes.Jobs, request, ProtocolJson.Default.SubmitRequest, cancel), cancel);
        return (await answer.Content.ReadFromJsonAsync(ProtocolJson.Default.SubmitReply, cancel))!.Job.Id;
    }

    /// <summary>Brings one file there; returns the digest of a tree that holds it as <paramref name="name"/>.</summary>
    public async Task<string> UploadAsync(string name, byte[] bytes, CancellationToken cancel)
    {
        var blobs = bytes.Chunk(Tree.BlobBytesMax).ToList();
        foreach (var blob in blobs)
        {
            await PutAsync(blob, cancel);
        }

        return await PutAsync(new Tree([new TreeFile(name, bytes.Length, false, [.. blobs.Select(b => Digest.Of(b))])]).ToBytes(), cancel);
    }

    public async Task<IReadOnlyList<JobView>> JobsAsync(CancellationToken cancel) =>
        await GetAsync(Routes.Jobs + "?all=true&limit=10000", ProtocolJson.Default.ListJobView, cancel);

    public async Task<JobView> JobAsync(string job, CancellationToken cancel) => await GetAsync(Routes.Job(job), ProtocolJson.Default.JobView, cancel);

    public async Task<IReadOnlyList<TaskView>> TasksAsync(string job, CancellationToken cancel) =>
        await GetAsync(Routes.Tasks(job) + "?first=0&count=1000", ProtocolJson.Default.ListTaskView, cancel);

    public async Task<IReadOnlyList<NodeView>> NodesAsync(CancellationToken cancel) =>
        await GetAsync(Routes.Nodes, ProtocolJson.Default.ListNodeView, cancel);

    /// <summary>What <c>akc logs</c> prints of each task: its committed attempt's stdout.</summary>
    public async Task<IReadOnlyDictionary<int, byte[]>> OutputsAsync(string job, CancellationToken cancel)
    {
        using var answer = await AskAsync(
            () => http.GetAsync(Routes.Stream(job) + "?mode=ordered&follow=false", HttpCompletionOption.ResponseContentRead, cancel), cancel);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancel);
        var outputs = new Dictionary<int, MemoryStream>();
        while (await StreamFrame.ReadAsync(stream, cancel) is { } frame)
        {
            if (frame.Kind == StreamFrameKind.Output)
            {
                var segment = frame.ReadOutput(job);
                outputs.TryAdd(segment.Attempt.Task, new MemoryStream());
                outputs[segment.Attempt.Task].Write(segment.Bytes.Span);
            }
        }

        return outputs.ToDictionary(o => o.Key, o => o.Value.ToArray());
    }

    /// <summary>The result files that <paramref name="digest"/> names, whole.</summary>
    public async Task<IReadOnlyDictionary<string, byte[]>> FilesAsync(string digest, CancellationToken cancel)
    {
        var files = new Dictionary<string, byte[]>();
        foreach (var file in Tree.Parse(await BlobAsync(digest, cancel)).Files)
        {
            using var bytes = new MemoryStream();
            foreach (var blob in file.Blobs)
            {
                bytes.Write(await BlobAsync(blob, cancel));
            }

            files.Add(file.Path, bytes.ToArray());
        }

        return files;
    }

    public void Dispose() => http.Dispose();

    private async Task<string> PutAsync(byte[] bytes, CancellationToken cancel)
    {
        var digest = Digest.Of(bytes);
        using var answer = await AskAsync(() => http.PutAsync(Routes.Blob(digest), new ByteArrayContent(bytes), cancel), cancel);
        return digest;
    }

    private async Task<byte[]> BlobAsync(string digest, CancellationToken cancel)
    {
        using var answer = await AskAsync(() => http.GetAsync(Routes.Blob(digest), HttpCompletionOption.ResponseContentRead, cancel), cancel);
        return await answer.Content.ReadAsByteArrayAsync(cancel);
    }

    private async Task<T> GetAsync<T>(string route, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var answer = await AskAsync(() => http.GetAsync(route, HttpCompletionOption.ResponseContentRead, cancel), cancel);
        return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancel), type)!;
    }

    private static async Task<HttpResponseMessage> AskAsync(Func<Task<HttpResponseMessage>> ask, CancellationToken cancel)
    {
        var end = DateTime.UtcNow + Patience;
        while (true)
        {
            string? why;
            try
            {
                var answer = await ask();
                if (answer.IsSuccessStatusCode)
                {
                    return answer;
                }

                why = $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancel)}";
                var isAway = (int)answer.StatusCode is 503 or 507;
                answer.Dispose();
                if (!isAway)
                {
                    throw new InvalidOperationException(why);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                why = e.Message;
            }

            if (DateTime.UtcNow > end)
            {
                throw new TimeoutException($"no answer for {Patience.TotalSeconds} s: {why}");
            }

            await Task.Delay(Pause, cancel);
        }
    }
}
