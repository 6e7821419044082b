namespace AkkaCompute.Simulation.Faults;

/// <summary>What goes wrong, as the report counts it.</summary>
internal enum FaultKind
{
    MessageDropped,
    MessageDuplicated,
    MessageReordered,
    LighthouseCrash,
    AppendFailed,
    NodeCrash,
    NodePowerLoss,
    LinkClosed,
    LinkSilent,
    NodeAsleep,
    NodeDrained,
    LendChanged,
    TaskFailed,
}

internal sealed class FaultTally
{
    private readonly long[] counts = new long[Enum.GetValues<FaultKind>().Length];

    public long this[FaultKind kind] => counts[(int)kind];

    public void Count(FaultKind kind) => counts[(int)kind]++;

    public void Add(FaultTally other)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] += other.counts[i];
        }
    }

    public override string ToString() =>
        string.Join(", ", Enum.GetValues<FaultKind>().Where(k => this[k] > 0).Select(k => $"{k} {this[k]:N0}"));
}
