using System.Diagnostics;
using System.Net.Http.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Benchmarks;

/// <summary>One Lighthouse and one node of all cores, as <c>akc up</c> starts them, in a home of their own; a warm client on its socket.</summary>
internal sealed class PoolUnderTest : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("akc-bench-").FullName;
    private readonly HttpClient http;

    private PoolUnderTest() =>
        http = new HttpClient(PoolHttp.OverSocket(new Home(folder).LighthouseSocket)) { BaseAddress = new Uri("http://localhost") };

    public static async Task<PoolUnderTest> StartAsync(string sandbox)
    {
        var pool = new PoolUnderTest();
        await pool.AkcAsync(["up", "--name", "bench", "--port", "0", "--no-beacon", "--sandbox", sandbox, .. sandbox == "plain" ? ["--trust-guests"] : Array.Empty<string>()]);
        return pool;
    }

    /// <summary>One job of <paramref name="count"/> tasks: returns when all results are committed and the job's stream has ended.</summary>
    public async Task RunTasksAsync(string[] command, int count)
    {
        var request = new SubmitRequest(
            Ids.New(20), null, string.Join(' ', command), count, new ResourceRequest(1, 64 << 20), null, [], [], 0,
            new TaskTemplate(command, null, new Dictionary<string, string>(), [], null));
        using var submitted = await http.PostAsJsonAsync(Routes.Jobs, request, ProtocolJson.Default.SubmitRequest);
        submitted.EnsureSuccessStatusCode();
        var job = (await submitted.Content.ReadFromJsonAsync(ProtocolJson.Default.SubmitReply))!.Job;
        await using var stream = await http.GetStreamAsync(Routes.Stream(job.Id));
        JobView? last = null;
        while (await StreamFrame.ReadAsync(stream, CancellationToken.None) is { } frame)
        {
            if (frame.Kind == StreamFrameKind.Job)
            {
                last = System.Text.Json.JsonSerializer.Deserialize(frame.Payload.Span, ProtocolJson.Default.JobView);
            }
        }

        if (last is not { State: "succeeded" })
        {
            throw new InvalidOperationException($"the job ended as {last?.State}: {last?.Reason}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await AkcAsync(["down"]);
        Directory.Delete(folder, recursive: true);
    }

    public static string AkcPath()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = framework.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "src", "Cli", "bin", framework.Parent!.Name, framework.Name, "akc");
    }

    private async Task AkcAsync(string[] arguments)
    {
        var start = new ProcessStartInfo(AkcPath(), arguments) { RedirectStandardOutput = true };
        start.Environment.Remove("AKC_JOURNAL"); // of whoever measures
        start.Environment["AKC_HOME"] = folder;
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"akc {arguments[0]} ended with {process.ExitCode}");
        }
    }
}
