namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>A supervisor's limits, with their reasons.</summary>
internal static class JobLimits
{
    /// <summary>Tasks of one job that run at once: more nodes than any pool has, and a bound for what one job keeps in memory.</summary>
    public const int SlotsWantedMax = 10_000;

    /// <summary>Work queued ahead on each slot: covers a round trip and a commit, and is all that an uneven end can cost.</summary>
    public const double AheadMs = 50;

    /// <summary>However short the tasks are: what a node that drops gives back stays small.</summary>
    public const int AheadPerSlotMax = 64;

    /// <summary>On a slot at once: the one that runs, and those ahead.</summary>
    public const int AttemptsPerSlotMax = 1 + AheadPerSlotMax;

    /// <summary>Tasks that a lease has to show before anything is queued ahead on it: one quick failure proves nothing.</summary>
    public const int AheadShownMin = 3;

    /// <summary>Weight of the newest task in the mean: an array whose tasks grow longer is noticed within a handful.</summary>
    public const double WallMeanWeight = 0.25;

    /// <summary>Tries that a task gets on top of its own when nodes could not run it (inputs, disk): three nodes may be ill.</summary>
    public const int NodeFaultsMax = 3;

    /// <summary>Before a task that failed is tried again; twice as long after each further failure.</summary>
    public const double CoolSecondsMin = 1;

    /// <inheritdoc cref="CoolSecondsMin"/>
    public const double CoolSecondsMax = 60;

    /// <summary>For so long after it has cooled a task waits for a node on which it has not failed.</summary>
    public const double ElsewhereSeconds = 2;

    /// <summary>Nodes on which a task failed that are remembered: there are seldom more that could do better.</summary>
    public const int FailedOnMax = 8;

    /// <summary>Tasks that have cooled and are looked at for a node.</summary>
    public const int CoolingLookMax = 256;

    /// <summary>
    /// A task under which ten nodes died is taken to be the reason, or it would take down one node after the other for ever.
    /// Far more than bad luck brings: nodes that leave in order, refuse or hand back don't count.
    /// </summary>
    public const int BlameMax = 10 * BlameOfDeath;

    /// <summary>
    /// From three deaths on a task runs alone on its lease: if it is the reason, it takes down no neighbours with it, which
    /// would be given up as well.
    /// </summary>
    public const int BlameAlone = 3 * BlameOfDeath;

    /// <summary>The node's process ended without a word while the task ran.</summary>
    public const int BlameOfDeath = 10;

    /// <summary>The node fell silent: nearly always a closed lid or a lost link, seldom a machine that the task brought down.</summary>
    public const int BlameOfSilence = 1;

    /// <summary>Tasks that must have succeeded before one is called slow: fewer say nothing of what is usual.</summary>
    public const int StragglerShownMin = 3;

    /// <summary>The oldest running attempts that are looked at for an idle slot.</summary>
    public const int StragglersMax = 16;

    /// <summary>What beginning anew costs beside the work: inputs, a process, a commit; and what is shorter is not worth it.</summary>
    public const double StragglerStartMs = 1_000;

    /// <summary>Replaced attempts of a task, slow or lost, that may still win: with so many it gets no further one for being slow.</summary>
    public const int DoublesMax = 2;

    /// <summary>Two reports of a node (every 5 s) may be lost or cross an assignment before it is sent again.</summary>
    public const double UnconfirmedSeconds = 10;

    /// <summary>A report and an assignment that was sent less than this before it may have crossed.</summary>
    public const double CrossingSeconds = 1;

    /// <summary>So often a job asks those that it waits for: a restart or a lost message costs a wait no more than that.</summary>
    public const double AskSeconds = 5;

    /// <summary>Jobs that are told at once when this one ends; whoever asks beyond that hears it at the next question.</summary>
    public const int AskersMax = 1_000;

    /// <summary>Replaced attempts that may still win; the oldest are given up first.</summary>
    public const int SupersededMax = 10_000;

    /// <summary>Ended leases whose late grants are recognised.</summary>
    public const int DroppedLeasesMax = 1_000;

    /// <summary>Attempts named in one message: far below the link's largest text.</summary>
    public const int AttemptsPerMessageMax = 10_000;

    /// <summary>Names of nodes in a job's view.</summary>
    public const int NodeNamesMax = 20;

    /// <summary>A node's words about an attempt end up in the journal and on terminals.</summary>
    public const int DetailCharsMax = 500;

    /// <summary>Of them what is kept for each failed try of a task that has no result yet.</summary>
    public const int TryCharsMax = 100;
}
