using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>Lists of attempts as messages name them: by task, ranges where they are consecutive, and no message too long.</summary>
internal static class AttemptLists
{
    public static List<AttemptRef> Sorted(IEnumerable<RunningAttempt> attempts)
    {
        var sorted = attempts.Select(a => a.Id).ToList();
        sorted.Sort((a, b) => a.Task.CompareTo(b.Task));
        return sorted;
    }

    /// <param name="sorted">By task, each task once.</param>
    public static List<TaskRange> Ranges(IReadOnlyList<AttemptRef> sorted)
    {
        var ranges = new List<TaskRange>();
        foreach (var id in sorted)
        {
            if (ranges.Count > 0 && ranges[^1] is var last && last.End == id.Task && last.Attempt == id.Attempt)
            {
                ranges[^1] = last with { Count = last.Count + 1 };
            }
            else
            {
                ranges.Add(new TaskRange(id.Task, 1, id.Attempt));
            }
        }

        return ranges;
    }

    public static void Stop(Draft<JobEvent> draft, string jobId, string nodeId, IReadOnlyList<AttemptRef> attempts, string reason)
    {
        foreach (var part in attempts.Chunk(JobLimits.AttemptsPerMessageMax))
        {
            draft.Send(Address.Node(nodeId), new StopAttempts(jobId, part, reason));
        }
    }
}
