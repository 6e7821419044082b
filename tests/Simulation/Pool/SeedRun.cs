using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Coverage;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>What one seed came to: all is over, or a promise was broken.</summary>
internal sealed record SeedRun(
    ulong Seed, Violation? Violation, Trace Trace, long Steps, long VirtualTime, long FaultsUntil, FaultTally Faults, AuditCounts Counts,
    Transitions Transitions)
{
    public static SeedRun Of(ulong seed, SimOptions options, bool recording = false)
    {
        var pool = new SimulatedPool(seed, options, recording);
        Violation? violation = null;
        try
        {
            pool.Run();
        }
        catch (ViolationException e)
        {
            violation = e.Violation;
        }

        return new SeedRun(
            seed, violation, pool.Trace, pool.Queue.Steps, pool.Queue.Now, pool.Faults.FaultsUntil, pool.Tally, pool.Auditor!.Counts, pool.Transitions!);
    }

    public override string ToString() =>
        $"seed {Seed}: {(Violation is null ? "no promise broken" : $"{Violation.Rule}: {Violation.What}")}";
}
