using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>Tasks for one lease.</summary>
/// <param name="Items">Each task's, in order; null where the job has none.</param>
/// <param name="Made">Sizes of those that are made for this, in order.</param>
internal sealed record Deal(IReadOnlyList<TaskRange> Tasks, IReadOnlyList<ItemRange>? Items, IReadOnlyList<int> Made);

/// <summary>
/// Deals what waits to leases, without taking it: to an empty one a task that is to run alone, else first what is to be tried again, then tasks that never ran, or new
/// ones of the items that are left.
/// </summary>
/// <param name="atOnce">How many more may be on nodes at once.</param>
internal sealed class TaskDealer(PendingTasks pending, CoolingTasks cooling, TaskChunks chunks, ItemPace jobPace, long milliItemsPerSecond, int atOnce)
{
    private readonly PendingTasks.Reader waiting = pending.Read();
    private readonly Queue<TaskRange> alone = new(pending.Alone);
    private readonly HashSet<int> dealt = []; // of those that have cooled; looked up, never walked
    private int atOnce = atOnce;
    private int itemsLeft = chunks.Left;
    private int made = chunks.Made;

    /// <summary>Whether something waits that a lease of the node may get on which <paramref name="held"/> attempts are.</summary>
    public bool HasFor(int held, string nodeId) =>
        atOnce > 0 && (waiting.Left > 0 || itemsLeft > 0 || (held == 0 && alone.Count > 0) || CooledFor(nodeId).Any());

    /// <param name="held">Attempts that are on the lease.</param>
    public Deal Next(int room, int held, string nodeId, ItemPace pace)
    {
        room = Math.Min(room, Math.Max(1, atOnce));
        var tasks = new List<TaskRange>();
        if (held == 0 && alone.TryDequeue(out var suspect))
        {
            tasks.Add(suspect);
            atOnce--;
            return new Deal(tasks, chunks.HasItems ? [chunks.Of(suspect.First)] : null, []);
        }

        foreach (var cooled in CooledFor(nodeId).Take(room).ToList())
        {
            dealt.Add(cooled.First);
            tasks.Add(cooled);
        }

        waiting.Next(room - tasks.Count, tasks);
        List<ItemRange>? items = chunks.HasItems ? [.. tasks.SelectMany(range => Enumerable.Range(range.First, range.Count)).Select(chunks.Of)] : null;
        var sizes = new List<int>();
        for (var left = itemsLeft > 0 ? room - tasks.Sum(t => t.Count) : 0; left > 0 && itemsLeft > 0; left--)
        {
            var size = ChunkSize.Next(pace, jobPace, itemsLeft, milliItemsPerSecond);
            items!.Add(new ItemRange(chunks.ItemCount - itemsLeft, size));
            sizes.Add(size);
            itemsLeft -= size;
        }

        if (sizes.Count > 0)
        {
            tasks.Add(new TaskRange(made, sizes.Count, 1));
            made += sizes.Count;
        }

        atOnce -= tasks.Sum(t => t.Count);
        return new Deal(tasks, items, sizes);
    }

    private IEnumerable<TaskRange> CooledFor(string nodeId) => cooling.ReadyFor(nodeId).Where(range => !dealt.Contains(range.First));
}
