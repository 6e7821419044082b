namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>The Fleet's limits, with their reasons.</summary>
internal static class FleetLimits
{
    /// <summary>A node that refused a job's tasks, or could not run them, is not asked again at once: that would be a hot loop.</summary>
    public const double RefusedPauseSeconds = 5;

    /// <summary>Offline nodes that are remembered for <c>peers</c> and <c>why</c>.</summary>
    public const int OfflineMax = 1_000;

    /// <summary>A friend who was here yesterday is still worth naming.</summary>
    public const double OfflineHours = 24;

    /// <summary>Leases in one grant of slots: a bound for a step, the rest follows at the next.</summary>
    public const int GrantsPerStepMax = 10_000;

    /// <summary>A friend whose laptop goes to sleep every hour is not asked first.</summary>
    public const double LossHours = 1;

    /// <summary>What is more does not rank lower.</summary>
    public const int LossesMax = 3;

    /// <summary>Inputs that a node is taken to have still, the newest; its cache may hold more or fewer.</summary>
    public const int DataMax = 64;

    /// <summary>
    /// So many tasks that failed on a node and succeeded elsewhere, within <see cref="BlameMinutes"/>: if they are of one job,
    /// that gets nothing of it for <see cref="RestMinutes"/>; if of several, nobody does.
    /// </summary>
    public const int BlamesMax = 3;

    /// <inheritdoc cref="BlamesMax"/>
    public const double BlameMinutes = 10;

    /// <summary>Long enough to look after it; a node that was mended returns by itself.</summary>
    public const double RestMinutes = 10;

    /// <summary>Between two looks at what those who have more should give back.</summary>
    public const double RecallEverySeconds = 0.25;

    /// <summary>Leases that one such look recalls slots of; the rest follows with the next.</summary>
    public const int RecallsPerStepMax = 200;

    /// <summary>Different kinds of demands of a person that are looked at, and jobs of each kind.</summary>
    public const int RecallDemandsMax = 100;

    /// <inheritdoc cref="RecallDemandsMax"/>
    public const int RecallAlikeMax = 10;

    /// <summary>Nodes that one such look meets, over all demands: some tens of milliseconds.</summary>
    public const long RecallLooksMax = 500_000;

    /// <summary>A slot that has not come back for so long may be held by a long task: another one is recalled as well.</summary>
    public const double RecallPatienceSeconds = 30;

    /// <summary>A job that has had nothing for so long gets room for one task, whoever has to give it.</summary>
    public const double StarvingSeconds = 60;

    /// <summary>Nodes that <c>why</c> lists one by one.</summary>
    public const int WhyNodesMax = 200;

    /// <summary>Names in one line for people.</summary>
    public const int NamesMax = 8;
}
