using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Faults;

/// <summary>
/// How hard one seed is. Each kind is drawn apart from the others, so that a seed may be calm in all but one thing
/// (faults that always come together hide each other) and a kind can be switched off while the others stay as they were.
/// </summary>
internal sealed class FaultProfile
{
    private readonly double[] amounts = new double[FaultKinds.All.Count];

    /// <param name="without">Kinds that are switched off.</param>
    /// <param name="endAt">When faults end, if that is before the moment that the seed draws.</param>
    public FaultProfile(Rng rng, int nodes, IReadOnlyList<FaultKind> without, long? endAt)
    {
        // One seed in ten has no fault at all: what only faults repair shows there.
        var calm = rng.Chance(0.1);
        LosesNothing = rng.Chance(0.2) || calm;
        PlannedUntil = rng.Between(30 * Virtual.Second, 120 * Virtual.Second);
        FaultsUntil = Math.Min(PlannedUntil, endAt ?? long.MaxValue);
        LatencyMax = Virtual.Millisecond * rng.Pick(1, 5, 50, 200);
        CommitMax = Virtual.Millisecond * rng.Pick(1, 10, 100);
        Forget = rng.Pick(0, 0.5, 1);
        Load = rng.Pick(1, 1, 4);
        JsonJournal = rng.Chance(0.25);
        Pipelined = rng.Chance(0.5);
        foreach (var kind in FaultKinds.All)
        {
            var own = rng.Fork(kind.ToString());
            var amount = FaultKinds.Rates(kind) is { } rates ? own.Pick<double>(rates)
                : own.Chance(0.35) ? 0
                : own.Between(1, Math.Max(1, FaultKinds.Most(kind, nodes)));
            amounts[(int)kind] = calm || without.Contains(kind) || (LosesNothing && FaultKinds.LosesMessages(kind)) ? 0 : amount;
        }

        SnapshotEvery = rng.Pick(0, 1, 1, 3, 10, 50);
        IsCalm = amounts.All(a => a == 0);
        LosesNothing = FaultKinds.All.All(k => amounts[(int)k] == 0 || !FaultKinds.LosesMessages(k));
    }

    /// <summary>Nothing goes wrong, and the host is as the embedded one: it decides on while it writes.</summary>
    public static FaultProfile None(Rng rng, int nodes) => new(rng, nodes, FaultKinds.All, endAt: 0)
    {
        LatencyMax = 5 * Virtual.Millisecond,
        CommitMax = 10 * Virtual.Millisecond,
        Forget = 0,
        Pipelined = true,
    };

    /// <summary>Until then faults happen; then everything heals and every job must end.</summary>
    public long FaultsUntil { get; }

    /// <summary>What is spread over the time of faults is spread over this, however early they end.</summary>
    public long PlannedUntil { get; }

    /// <summary>Nothing goes wrong at all in this seed.</summary>
    public bool IsCalm { get; }

    /// <summary>No message is ever lost, but with its connection: one seed in five, and those that it happens to.</summary>
    public bool LosesNothing { get; }

    public long LatencyMax { get; private init; }

    /// <summary>Longest group commit.</summary>
    public long CommitMax { get; private init; }

    /// <summary>Share of ended jobs whose machine is dropped and replayed when it is written to again.</summary>
    public double Forget { get; private init; }

    /// <summary>How many times more work than a pool of this size does in passing: in some seeds jobs queue.</summary>
    public int Load { get; }

    /// <summary>Whether events go to the journal and back as JSON, as they do on disk.</summary>
    public bool JsonJournal { get; }

    /// <summary>Events between two snapshots of a supervisor, far fewer than of the embedded host: small jobs have them, too. 0 for none.</summary>
    public int SnapshotEvery { get; }

    /// <summary>Whether a supervisor decides on while what it decided before is not on disk yet, as the embedded host does.</summary>
    public bool Pipelined { get; private init; }

    public bool FailsAppends => Rate(FaultKind.AppendFailed) > 0 || Count(FaultKind.JournalFull) > 0;

    public double Rate(FaultKind kind) => amounts[(int)kind];

    public int Count(FaultKind kind) => (int)amounts[(int)kind];
}
