namespace AkkaCompute.Simulation.Faults;

/// <summary>What goes wrong, as the report counts it and <c>--without</c> names it.</summary>
internal enum FaultKind
{
    /// <summary>On a link between a node and the Lighthouse.</summary>
    MessageDropped,
    MessageDuplicated,
    MessageReordered,

    /// <summary>Between two machines of the Lighthouse.</summary>
    LocalDropped,
    LocalDuplicated,
    LocalReordered,

    LighthouseCrash,

    /// <summary>Between an append and what it lets go: the events are on disk and nothing of it was sent.</summary>
    LighthouseCrashAtAppend,

    /// <summary>Stopped for so long that another one takes over its journals; then it wakes.</summary>
    LighthousePaused,

    /// <summary>By minutes, forwards and backwards.</summary>
    LighthouseClockJump,

    /// <summary>One append fails.</summary>
    AppendFailed,

    /// <summary>Every append fails for a while.</summary>
    JournalFull,

    /// <summary>For a while the Lighthouse cannot store output and results.</summary>
    StoreFull,

    NodeCrash,

    /// <summary>As a crash, and nobody is told.</summary>
    NodePowerLoss,

    /// <summary>Both ends see it.</summary>
    LinkClosed,
    LinkSilent,

    /// <summary>What the node says does not arrive; what it is told does.</summary>
    LinkSilentUp,
    LinkSilentDown,

    /// <summary>A group of nodes is cut off, in one direction or both.</summary>
    Partition,
    NodeAsleep,
    NodeClockJump,
    NodeDrained,
    LendChanged,

    /// <summary>Its disk is full: no inputs, no output.</summary>
    NodeDiskFull,

    /// <summary>It refuses whatever is assigned to it.</summary>
    NodeRefuses,

    /// <summary>It takes what is assigned to it and does nothing; it goes on to beat.</summary>
    NodeStalls,

    /// <summary>It offers more or less than it has.</summary>
    NodeLies,
    TaskFailed,

    /// <summary>It never ends by itself.</summary>
    TaskHangs,

    /// <summary>Its node's process dies each time it runs.</summary>
    TaskPoisons,
}

internal sealed class FaultTally
{
    private readonly long[] counts = new long[FaultKinds.All.Count];

    public long this[FaultKind kind] => counts[(int)kind];

    public long Sum => counts.Sum();

    public void Count(FaultKind kind) => counts[(int)kind]++;

    public void Add(FaultTally other)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] += other.counts[i];
        }
    }

    public override string ToString() =>
        string.Join(", ", FaultKinds.All.Where(k => this[k] > 0).Select(k => $"{k} {this[k]:N0}"));
}
