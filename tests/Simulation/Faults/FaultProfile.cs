using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Faults;

/// <summary>
/// How hard one seed is. Rates are drawn apart from each other, so that a seed may be calm in all but one thing:
/// faults that always come together hide each other.
/// </summary>
internal sealed record FaultProfile
{
    /// <summary>Until then faults happen; then everything heals and every job must end.</summary>
    public required long FaultsUntil { get; init; }

    /// <summary>Nothing goes wrong at all in this seed.</summary>
    public required bool IsCalm { get; init; }

    /// <summary>No message is ever lost, but with its connection.</summary>
    public bool LosesNothing => Drop + LocalDrop == 0;

    /// <summary>Share of messages on links that are lost, sent twice, or overtaken.</summary>
    public required double Drop { get; init; }

    public required double Duplicate { get; init; }

    public required double Reorder { get; init; }

    /// <summary>The same for messages between the machines of the Lighthouse.</summary>
    public required double LocalDrop { get; init; }

    public required long LatencyMax { get; init; }

    /// <summary>Longest group commit.</summary>
    public required long CommitMax { get; init; }

    public required double AppendFailure { get; init; }

    public required double TaskFailure { get; init; }

    public required int LighthouseCrashes { get; init; }

    public required int NodeCrashes { get; init; }

    public required int NodePowerLosses { get; init; }

    public required int LinksClosed { get; init; }

    public required int LinksSilent { get; init; }

    public required int Sleeps { get; init; }

    public required int Drains { get; init; }

    public required int LendChanges { get; init; }

    /// <summary>Share of ended jobs whose machine is dropped and replayed when it is written to again.</summary>
    public required double Forget { get; init; }

    /// <summary>How many times more work than a pool of this size does in passing: in some seeds jobs queue.</summary>
    public required int Load { get; init; }

    /// <summary>Whether events go to the journal and back as JSON, as they do on disk.</summary>
    public required bool JsonJournal { get; init; }

    public static FaultProfile Draw(Rng rng, int nodes)
    {
        // One seed in ten has no fault at all: what only faults repair shows there.
        var calm = rng.Chance(0.1);
        int Some(int most) => calm || rng.Chance(0.35) ? 0 : rng.Between(1, Math.Max(1, most));
        double Rate(params ReadOnlySpan<double> choices) => calm ? 0 : rng.Pick(choices);
        return new FaultProfile
        {
            IsCalm = calm,
            FaultsUntil = rng.Between(30 * Virtual.Second, 120 * Virtual.Second),
            Drop = Rate(0, 0, 0.001, 0.01, 0.05),
            Duplicate = Rate(0, 0, 0.001, 0.01, 0.1),
            Reorder = Rate(0, 0, 0.01, 0.2),
            LocalDrop = Rate(0, 0, 0.001, 0.02),
            LatencyMax = Virtual.Millisecond * rng.Pick(1, 5, 50, 200),
            CommitMax = Virtual.Millisecond * rng.Pick(1, 10, 100),
            AppendFailure = Rate(0, 0, 0.002, 0.02),
            TaskFailure = Rate(0, 0, 0.02, 0.2),
            LighthouseCrashes = Some(4),
            NodeCrashes = Some(nodes / 2),
            NodePowerLosses = Some(nodes / 5),
            LinksClosed = Some(nodes),
            LinksSilent = Some(nodes / 2),
            Sleeps = Some(nodes / 8),
            Drains = Some(nodes / 8),
            LendChanges = Some(nodes / 2),
            Forget = rng.Pick(0, 0.5, 1),
            Load = rng.Pick(1, 1, 4),
            JsonJournal = rng.Chance(0.25),
        };
    }
}
