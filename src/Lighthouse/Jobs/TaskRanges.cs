using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>Tasks with the number of an attempt each: disjoint ranges by first task; neighbours of the same number are one.</summary>
internal sealed class TaskRanges
{
    private static readonly Comparer<TaskRange> ByFirst = Comparer<TaskRange>.Create((a, b) => a.First.CompareTo(b.First));

    private readonly SortedSet<TaskRange> ranges = new(ByFirst);

    /// <summary>In order.</summary>
    public IEnumerable<TaskRange> All => ranges;

    /// <summary>Tasks.</summary>
    public int Count { get; private set; }

    public SortedSet<TaskRange>.Enumerator GetEnumerator() => ranges.GetEnumerator();

    public void Add(AttemptRef next)
    {
        var range = new TaskRange(next.Task, 1, next.Attempt);
        Count++;
        if (Covering(next.Task - 1) is { } before && before.Attempt == next.Attempt)
        {
            ranges.Remove(before);
            range = new TaskRange(before.First, before.Count + 1, next.Attempt);
        }

        if (Covering(next.Task + 1) is { } after && after.Attempt == next.Attempt)
        {
            ranges.Remove(after);
            range = range with { Count = range.Count + after.Count };
        }

        ranges.Add(range);
    }

    /// <param name="range">Disjoint from the others.</param>
    public void Add(TaskRange range)
    {
        ranges.Add(range);
        Count += range.Count;
    }

    /// <param name="first">All of these are here, in one range.</param>
    public void Cut(int first, int count)
    {
        var range = Covering(first)!.Value;
        ranges.Remove(range);
        Count -= count;
        if (range.First < first)
        {
            ranges.Add(range with { Count = first - range.First });
        }

        if (first + count < range.End)
        {
            ranges.Add(new TaskRange(first + count, range.End - first - count, range.Attempt));
        }
    }

    public TaskRange? Covering(int task)
    {
        if (ranges.Count == 0 || task < 0)
        {
            return null;
        }

        // Not the view's Count, which walks it; an empty view's Max is an empty range.
        var range = ranges.GetViewBetween(default, new TaskRange(task, 0, 0)).Max;
        return task < range.End ? range : null;
    }

    public void Clear()
    {
        ranges.Clear();
        Count = 0;
    }
}
