namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>
/// How many items the next task gets: what its node does in about ten seconds, or longer where its start takes seconds. Towards
/// the end less, so that all nodes come to the end together (guided self-scheduling: Polychronopoulos and Kuck, 1987), each by
/// its own speed.
/// </summary>
internal static class ChunkSize
{
    /// <summary>Long against the cost of handing out a task, short against a wait.</summary>
    public const double TargetMs = 10_000;

    /// <summary>And so many times what a task's start takes: that is at most a tenth of what its node does.</summary>
    public const double TargetStarts = 10;

    /// <summary>What a node that has shown nothing gets, by the pace of the others.</summary>
    public const double ProbeMs = 1_000;

    /// <summary>Not less at the end either: to hand a task out costs, too.</summary>
    public const double LeastMs = 250;

    /// <summary>And not less than so many times what the task's start takes: at the end that is waited for about once more.</summary>
    public const double LeastStarts = 2;

    /// <summary>A task has at most so many times the items of the largest before: the first ones may have been easy, or mostly start.</summary>
    public const int GrowthMax = 8;

    /// <summary>Each task at the end takes one part in so many of what its slot still has to do.</summary>
    public const double TailParts = 1.5;

    /// <summary>A node whose tasks were all alike gets a larger one, to see what their start takes, if that is expected to take no longer.</summary>
    public const double TrialMsMax = 3 * TargetMs;

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
        var start = pace.StartMs ?? 0;
        var ms = lease.IsKnown ? Math.Max(TargetMs, TargetStarts * start) : ProbeMs;
        var share = milliItemsPerSecond > 0 ? left * 1_000_000.0 / milliItemsPerSecond / TailParts : double.MaxValue;
        ms = Math.Min(ms, Math.Max(Math.Max(LeastMs, LeastStarts * start), share) - start);
        var items = Math.Min(ms / (pace.WorkMs > 0 ? pace.WorkMs : pace.ItemMs), (double)pace.ItemsMax * GrowthMax);

        var trial = 2.0 * lease.Items;
        if (lease is { IsKnown: true, StartMs: null } && trial * lease.ItemMs <= Math.Min(share, TrialMsMax))
        {
            items = Math.Max(items, trial);
        }

        return (int)Math.Clamp(items, 1, left);
    }
}
