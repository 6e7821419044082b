using System.Text;
using System.Threading.Channels;
using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Cli.Tests.Client;

/// <summary>A sink that holds the stream to its word: what it gets, it gets once and in order.</summary>
internal sealed class Recorder : IJobSink
{
    private readonly Channel<string> _happened = Channel.CreateUnbounded<string>();
    private readonly Dictionary<int, (int Attempt, int NextSegment)> _at = [];

    /// <summary>In words, without views of the job.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Per task, the output of the attempt that it shows.</summary>
    public Dictionary<int, string> Texts { get; } = [];

    public List<JobView> Views { get; } = [];

    public void JobChanged(JobView job) => Views.Add(job);

    public void AttemptBegan(AttemptBegan attempt)
    {
        var known = _at.TryGetValue(attempt.Task, out var before);
        attempt.Replaces.ShouldBe(known ? before.Attempt : null, $"task {attempt.Task} is told of attempt {attempt.Attempt}");
        _at[attempt.Task] = (attempt.Attempt, 0);
        Texts[attempt.Task] = "";
        Happened($"began {attempt.Task}.{attempt.Attempt}{(attempt.Replaces is { } replaced ? $" replaces {replaced}" : "")}");
    }

    public void Output(SegmentFrame segment)
    {
        var (task, attempt) = (segment.Attempt.Task, segment.Attempt.Attempt);
        _at[task].ShouldBe((attempt, segment.Segment));
        _at[task] = (attempt, segment.Segment + 1);
        var text = Encoding.UTF8.GetString(segment.Bytes.Span);
        Texts[task] += text;
        Happened($"{task}.{attempt}.{segment.Segment} {(segment.Stream == 1 ? "out" : "err")} {text}");
    }

    public void TaskDone(TaskView task)
    {
        _at.ContainsKey(task.Index).ShouldBeTrue($"task {task.Index} is done twice");
        _at.Remove(task.Index);
        Happened($"done {task.Index}.{task.Attempt}");
    }

    /// <summary>What happens next, unless <paramref name="reading"/> fails before.</summary>
    public async Task<string> NextAsync(Task reading)
    {
        var next = _happened.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().InTimeAsync();
        if (await Task.WhenAny(next, reading) == reading)
        {
            await reading;
        }

        return await next;
    }

    private void Happened(string what)
    {
        Log.Add(what);
        _happened.Writer.TryWrite(what);
    }
}
