using System.Text;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Lighthouse.Tests.Api;

/// <summary>Reads a job's stream as a client does.</summary>
internal sealed class JobStreamReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _reply;
    private readonly Stream _stream;
    private readonly string _job;

    private JobStreamReader(HttpResponseMessage reply, Stream stream, string job) => (_reply, _stream, _job) = (reply, stream, job);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<JobStreamReader> OpenAsync(HttpClient http, string job, string query = "")
    {
        return await ReadAsync(await http.GetAsync(Routes.Stream(job) + query, HttpCompletionOption.ResponseHeadersRead, Cancel), job);
    }

    public static async Task<JobStreamReader> ReadAsync(HttpResponseMessage reply, string job)
    {
        reply.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        reply.Content.Headers.ContentType!.MediaType.ShouldBe(StreamFrame.MediaType);
        return new JobStreamReader(reply, await reply.Content.ReadAsStreamAsync(Cancel), job);
    }

    /// <summary>The next frame as a word; null at the end. Pings and views of jobs that have not ended are left out.</summary>
    public async Task<string?> NextAsync()
    {
        while (await StreamFrame.ReadAsync(_stream, Cancel) is { } frame)
        {
            var text = frame.Kind switch
            {
                StreamFrameKind.Job => View(frame) is { HasEnded: true } view ? view.State : null,
                StreamFrameKind.Attempt => Began(JsonSerializer.Deserialize(frame.Payload.Span, ProtocolJson.Default.AttemptBegan)!),
                StreamFrameKind.Output => Output(frame.ReadOutput(_job)),
                StreamFrameKind.TaskDone => Done(JsonSerializer.Deserialize(frame.Payload.Span, ProtocolJson.Default.TaskView)!),
                StreamFrameKind.Failed => Failed(JsonSerializer.Deserialize(frame.Payload.Span, ProtocolJson.Default.AttemptFailed)!),
                _ => null,
            };
            if (text is not null)
            {
                return text;
            }
        }

        return null;
    }

    /// <summary>All that is left, to the end.</summary>
    public async Task<List<string>> RestAsync()
    {
        var all = new List<string>();
        while (await NextAsync() is { } next)
        {
            all.Add(next);
        }

        return all;
    }

    public async Task<StreamFrame?> FrameAsync() => await StreamFrame.ReadAsync(_stream, Cancel);

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _reply.Dispose();
    }

    public static JobView View(StreamFrame frame) => JsonSerializer.Deserialize(frame.Payload.Span, ProtocolJson.Default.JobView)!;

    private static string Began(AttemptBegan began) =>
        $"began {began.Task}.{began.Attempt}" + (began.Replaces is { } replaced ? $" replaces {replaced}" : "");

    private static string Failed(AttemptFailed failed) => $"failed {failed.Task}.{failed.Attempt} {failed.How}, again in {failed.RetrySeconds} s";

    private static string Output(SegmentFrame segment) =>
        $"{segment.Attempt.Task}.{segment.Attempt.Attempt}.{segment.Segment} {(segment.Stream == 1 ? "out" : "err")} {Encoding.UTF8.GetString(segment.Bytes.Span)}";

    private static string Done(TaskView task) => $"done {task.Index}.{task.Attempt} {task.State}";
}
