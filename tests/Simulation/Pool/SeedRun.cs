using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>What one seed came to.</summary>
internal sealed record SeedRun(
    ulong Seed, ulong TraceHash, long Steps, long VirtualTime, FaultTally Faults, AuditCounts Counts)
{
    private const int StoryLines = 60;

    /// <exception cref="AuditException">A promise was broken.</exception>
    public static SeedRun Of(ulong seed, SimOptions options)
    {
        var pool = new SimulatedPool(seed, options, recording: false);
        try
        {
            pool.Run();
        }
        catch (ViolationException e)
        {
            throw new AuditException(seed, e.Violation, Story(seed, options, e.Violation, pool.Trace.Hash));
        }

        return new SeedRun(seed, pool.Trace.Hash, pool.Queue.Steps, pool.Queue.Now, pool.Tally, pool.Auditor.Counts);
    }

    /// <summary>Every line of the seed's trace, and the violation that ended it, if any.</summary>
    public static (Trace Trace, Violation? Violation) Record(ulong seed, SimOptions options)
    {
        var pool = new SimulatedPool(seed, options, recording: true);
        try
        {
            pool.Run();
            return (pool.Trace, null);
        }
        catch (ViolationException e)
        {
            return (pool.Trace, e.Violation);
        }
    }

    private static string Story(ulong seed, SimOptions options, Violation violation, ulong hash)
    {
        var trace = Record(seed, options).Trace;
        var story = string.Join(Environment.NewLine, trace.Story(violation.JobId, violation.Actor, StoryLines));
        return trace.Hash == hash ? story : $"(the second run of the seed went another way: something is not deterministic){Environment.NewLine}{story}";
    }
}
