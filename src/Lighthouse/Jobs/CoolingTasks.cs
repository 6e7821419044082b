using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>
/// Tasks that failed by themselves and are to be tried again: first they cool, then for a moment only nodes on which they
/// have not failed may have them, then all may.
/// </summary>
internal sealed class CoolingTasks
{
    private readonly SortedDictionary<int, Entry> hot = [];
    private readonly SortedDictionary<int, Entry> ready = [];
    private readonly SortedSet<(DateTimeOffset Due, int Task)> dues = [];

    /// <param name="NotOn">Ids of nodes on which it failed; empty when it may go anywhere.</param>
    private sealed record Entry(int Attempt, DateTimeOffset Due, IReadOnlyList<string> NotOn);

    /// <summary>Those that a node may have now.</summary>
    public int Ready => ready.Count;

    public int Count => hot.Count + ready.Count;

    /// <summary>When the next one has cooled, or may go anywhere.</summary>
    public DateTimeOffset? NextDue => dues.Count > 0 ? dues.Min.Due : null;

    /// <summary>All, one by one.</summary>
    public IEnumerable<TaskRange> All => hot.Concat(ready).Select(e => new TaskRange(e.Key, 1, e.Value.Attempt));

    /// <param name="due">When it has cooled.</param>
    /// <param name="notOn">Ids of nodes on which it failed.</param>
    public void Add(AttemptRef next, DateTimeOffset due, IReadOnlyList<string> notOn)
    {
        hot.Add(next.Task, new Entry(next.Attempt, due, notOn));
        dues.Add((due, next.Task));
    }

    /// <summary>Number of the attempt that the task waits for, or 0 if it does not wait here.</summary>
    public int AttemptOf(int task) => (hot.GetValueOrDefault(task) ?? ready.GetValueOrDefault(task))?.Attempt ?? 0;

    /// <summary>When it has cooled; null when it does not cool.</summary>
    public DateTimeOffset? EndOf(int task) => hot.GetValueOrDefault(task)?.Due;

    /// <returns>False if it does not wait here.</returns>
    public bool Remove(int task)
    {
        if (!hot.Remove(task, out var entry) && !ready.Remove(task, out entry))
        {
            return false;
        }

        dues.Remove((entry.Due, task));
        return true;
    }

    /// <summary>It was assigned.</summary>
    /// <returns>False if it does not wait here with this attempt.</returns>
    public bool Take(int task, int attempt) => AttemptOf(task) == attempt && Remove(task);

    /// <summary>None cools for longer than until then: the clock was another one when it was noted.</summary>
    public void EndBy(DateTimeOffset latest)
    {
        foreach (var (task, entry) in hot.Where(e => e.Value.Due > latest).ToList())
        {
            dues.Remove((entry.Due, task));
            hot[task] = entry with { Due = latest };
            dues.Add((latest, task));
        }
    }

    /// <summary>What has cooled by then may be had.</summary>
    public void Advance(DateTimeOffset at)
    {
        while (dues.Count > 0 && dues.Min is var (due, task) && due <= at)
        {
            dues.Remove((due, task));
            if (hot.Remove(task, out var cooled))
            {
                var elsewhere = cooled with { Due = due + TimeSpan.FromSeconds(JobLimits.ElsewhereSeconds) };
                ready.Add(task, elsewhere);
                dues.Add((elsewhere.Due, task));
            }
            else
            {
                ready[task] = ready[task] with { NotOn = [] };
            }
        }
    }

    /// <summary>Those that the node may have, in order; of many only the first are looked at.</summary>
    public IEnumerable<TaskRange> ReadyFor(string nodeId) =>
        ready.Take(JobLimits.CoolingLookMax).Where(e => !e.Value.NotOn.Contains(nodeId)).Select(e => new TaskRange(e.Key, 1, e.Value.Attempt));

    /// <summary>Nodes that none of them may have; empty when there are none.</summary>
    public IReadOnlyList<string> NotOn => CommonTo(ready);

    /// <summary>The same, once the first of them have cooled where none has yet.</summary>
    public IReadOnlyList<string> NotOnOfAll => CommonTo(ready.Count > 0 ? ready : hot);

    /// <summary>One of those that are tried first. There must be one.</summary>
    public int First => (ready.Count > 0 ? ready : hot).First().Key;

    private static IReadOnlyList<string> CommonTo(SortedDictionary<int, Entry> tasks) =>
        tasks.Count == 0 ? [] : [.. tasks.Values.First().NotOn.Where(node => tasks.Values.Take(JobLimits.CoolingLookMax).All(e => e.NotOn.Contains(node)))];

    public void Clear()
    {
        hot.Clear();
        ready.Clear();
        dues.Clear();
    }
}
