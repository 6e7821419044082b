using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Cli.Output;

/// <summary>The bytes as the tasks wrote them.</summary>
/// <param name="hasManyTasks">Where each of them starts is no news then.</param>
internal class PipePrinter(bool hasManyTasks = false) : IJobSink
{
    /// <summary>What a node says of a failure may be long.</summary>
    private const int HowLengthMax = 200;

    private readonly HashSet<int> _printed = [];
    private readonly Dictionary<int, int> _failed = []; // the newest attempt of each task that was told of

    public virtual void JobChanged(JobView job)
    {
    }

    public virtual void AttemptBegan(AttemptBegan attempt)
    {
        var printed = attempt.Replaces is not null && _printed.Remove(attempt.Task) ? ", and prints from its start" : "";
        if (attempt.Replaces is { } before && _failed.GetValueOrDefault(attempt.Task) < before)
        {
            Notes.Say($"attempt {before} of task {attempt.Task} does not count; attempt {attempt.Attempt} runs on {attempt.Node}{printed}");
        }
        else if (printed.Length > 0)
        {
            Notes.Say($"attempt {attempt.Attempt} of task {attempt.Task} runs on {attempt.Node}{printed}");
        }
        else if (!hasManyTasks)
        {
            Notes.Chat($"running on {attempt.Node}");
        }
    }

    public virtual void AttemptFailed(AttemptFailed attempt)
    {
        if (_failed.GetValueOrDefault(attempt.Task) < attempt.Attempt) // a stream that broke off may say it again
        {
            _failed[attempt.Task] = attempt.Attempt;
            Notes.Say(
                $"attempt {attempt.Attempt} of task {attempt.Task} failed on {attempt.Node} ({Words.Line(attempt.How, HowLengthMax)}); it is tried again in {Words.Time(TimeSpan.FromSeconds(attempt.RetrySeconds))}");
        }
    }

    public virtual void Output(SegmentFrame segment)
    {
        HasPrinted(segment.Attempt.Task);
        Streams.Write(segment.Stream, segment.Bytes.Span);
    }

    public virtual void TaskDone(TaskView task)
    {
        _printed.Remove(task.Index);
        _failed.Remove(task.Index);
    }

    protected void HasPrinted(int task) => _printed.Add(task);
}
