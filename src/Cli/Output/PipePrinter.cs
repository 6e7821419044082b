using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Cli.Output;

/// <summary>The bytes as the tasks wrote them.</summary>
/// <param name="hasManyTasks">Where each of them starts is no news then.</param>
internal class PipePrinter(bool hasManyTasks = false) : IJobSink
{
    private readonly HashSet<int> _printed = [];

    public virtual void JobChanged(JobView job)
    {
    }

    public virtual void AttemptBegan(AttemptBegan attempt)
    {
        if (attempt.Replaces is { } before)
        {
            var printed = _printed.Remove(attempt.Task) ? ", and prints from its start" : "";
            Notes.Say($"attempt {before} of task {attempt.Task} does not count; attempt {attempt.Attempt} runs on {attempt.Node}{printed}");
        }
        else if (!hasManyTasks)
        {
            Notes.Chat($"running on {attempt.Node}");
        }
    }

    public virtual void Output(SegmentFrame segment)
    {
        HasPrinted(segment.Attempt.Task);
        Streams.Write(segment.Stream, segment.Bytes.Span);
    }

    public virtual void TaskDone(TaskView task) => _printed.Remove(task.Index);

    protected void HasPrinted(int task) => _printed.Add(task);
}
