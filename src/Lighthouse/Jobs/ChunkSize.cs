namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>
/// How many items the next task gets: what its node does in about ten seconds. Towards the end less, so that all nodes
/// come to the end together (guided self-scheduling: Polychronopoulos and Kuck, 1987), each by its own speed.
/// </summary>
internal static class ChunkSize
{
    /// <summary>Long against the cost of starting a task, short against a wait.</summary>
    public const double TargetMs = 10_000;

    /// <summary>What a node that has shown nothing gets, by the pace of the others.</summary>
    public const double ProbeMs = 1_000;

    /// <summary>Not less at the end either: starting a task costs too.</summary>
    public const double LeastMs = 250;

    /// <summary>A task has at most so many times the items of the largest before: the first ones may have been easy, or mostly start.</summary>
    public const int GrowthMax = 8;

    /// <summary>Each task at the end takes one part in so many of what its slot still has to do.</summary>
    public const int TailParts = 2;

    /// <param name="lease">Of the lease that will run it.</param>
    /// <param name="job">Of the whole job.</param>
    /// <param name="left">Items of no task yet; more than 0.</param>
    /// <param name="milliItemsPerSecond">Of all leases together.</param>
    public static int Next(ItemPace lease, ItemPace job, int left, long milliItemsPerSecond)
    {
        if (!job.IsKnown)
        {
            return 1;
        }

        var pace = lease.IsKnown ? lease : job;
        var ms = lease.IsKnown ? TargetMs : ProbeMs;
        if (milliItemsPerSecond > 0)
        {
            ms = Math.Min(ms, Math.Max(LeastMs, left * 1_000_000.0 / milliItemsPerSecond / TailParts));
        }

        var items = Math.Min(ms / pace.ItemMs, (double)pace.ItemsMax * GrowthMax);
        return (int)Math.Clamp(items, 1, left);
    }
}
