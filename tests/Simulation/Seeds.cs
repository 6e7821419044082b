using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation;

/// <summary>Many seeds, one a core at a time; each is its own world, so they share nothing.</summary>
internal sealed class Seeds
{
    /// <summary>A run that finds more than this has found enough.</summary>
    private const int FailuresMax = 10;

    private readonly List<SeedRun> passed = [];
    private readonly List<AuditException> failures = [];

    private Seeds()
    {
    }

    /// <summary>By seed.</summary>
    public IReadOnlyList<AuditException> Failures => failures;

    public static Seeds Run(ulong first, int count, SimOptions options, CancellationToken cancel)
    {
        var runs = new SeedRun?[count];
        var broken = new AuditException?[count];
        var found = 0;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel }, (i, loop) =>
        {
            try
            {
                runs[i] = SeedRun.Of(first + (ulong)i, options);
            }
            catch (AuditException e)
            {
                broken[i] = e;
                if (Interlocked.Increment(ref found) >= FailuresMax)
                {
                    loop.Stop();
                }
            }
        });

        var seeds = new Seeds();
        seeds.passed.AddRange(runs.OfType<SeedRun>());
        seeds.failures.AddRange(broken.OfType<AuditException>());
        return seeds;
    }

    public string Report(TimeSpan wall)
    {
        var faults = new FaultTally();
        var counts = new AuditCounts();
        foreach (var run in passed)
        {
            faults.Add(run.Faults);
            counts.Add(run.Counts);
        }

        var steps = passed.Sum(r => r.Steps);
        return $"""
            seeds      {passed.Count:N0} passed, {failures.Count:N0} failed
            steps      {steps:N0}, {steps / Math.Max(1, wall.TotalSeconds):N0} a second
            time       {passed.Sum(r => (double)r.VirtualTime) / Virtual.Second / 3600:N1} h virtual, {wall.TotalSeconds:N1} s real
            faults     {faults}
            jobs       {counts.Jobs:N0} with {counts.Tasks:N0} tasks
            attempts   {counts.Attempts:N0} assigned, {counts.Starts:N0} started
            results    {counts.Results:N0}
            traces     {passed.Aggregate(StableHash.Start, (hash, run) => StableHash.Mix(hash, (long)run.TraceHash)):x16}
            """;
    }
}
