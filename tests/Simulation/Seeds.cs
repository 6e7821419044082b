using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Coverage;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Shrink;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation;

/// <summary>Many seeds, one a core at a time; each is its own world, so they share nothing.</summary>
internal sealed class Seeds
{
    /// <summary>A run that finds more than this has found enough.</summary>
    private const int FailuresMax = 10;

    /// <summary>Each costs many runs; what fails later mostly fails for the same reason.</summary>
    private const int ShrunkMax = 2;

    private readonly SimOptions options;
    private readonly List<SeedRun> passed = [];
    private readonly List<SeedRun> failed = [];

    private Seeds(SimOptions options) => this.options = options;

    /// <summary>By seed.</summary>
    public IReadOnlyList<SeedRun> Failed => failed;

    public static Seeds Run(ulong first, int count, SimOptions options, CancellationToken cancel)
    {
        var runs = new SeedRun?[count];
        var found = 0;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel }, (i, loop) =>
        {
            runs[i] = SeedRun.Of(first + (ulong)i, options);
            if (runs[i]!.Violation is not null && Interlocked.Increment(ref found) >= FailuresMax)
            {
                loop.Stop();
            }
        });

        var seeds = new Seeds(options);
        seeds.passed.AddRange(runs.OfType<SeedRun>().Where(r => r.Violation is null));
        seeds.failed.AddRange(runs.OfType<SeedRun>().Where(r => r.Violation is not null));
        return seeds;
    }

    /// <summary>What each failure broke; of the first ones, the smallest run that still does, with its story.</summary>
    public IEnumerable<string> Failures() =>
        failed.Select((run, i) => i < ShrunkMax ? $"{run}{Environment.NewLine}{Shrinking.Of(options, run)}" : run.ToString());

    /// <summary>Transitions of the machines that no seed took.</summary>
    public IReadOnlyList<Transition> Never()
    {
        var taken = new Transitions();
        passed.ForEach(run => taken.Add(run.Transitions));
        return taken.Never();
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
            seeds      {passed.Count:N0} passed, {failed.Count:N0} failed
            steps      {steps:N0}, {steps / Math.Max(1, wall.TotalSeconds):N0} a second
            time       {passed.Sum(r => (double)r.VirtualTime) / Virtual.Second / 3600:N1} h virtual, {wall.TotalSeconds:N1} s real
            faults     {faults}
            jobs       {counts.Jobs:N0} with {counts.Tasks:N0} tasks at most, {counts.Made:N0} made as they went
            attempts   {counts.Attempts:N0} assigned, {counts.Starts:N0} started
            results    {counts.Results:N0}; {counts.Reopens:N0} jobs went on after a retry, {counts.FailedAtOnce:N0} ended with a first failure
            snapshots  {counts.Snapshots:N0}; {counts.Recoveries:N0} supervisors came back, {counts.Restores:N0} from one
            promised   seconds to replace what is gone, asked for in {counts.LoseNothing:N0} seeds that lose no message
            taken      {Transitions.All.Count - Never().Count} of {Transitions.All.Count} transitions of the machines, {Never().Count} never
            traces     {passed.Aggregate(StableHash.Start, (hash, run) => StableHash.Mix(hash, (long)run.Trace.Hash)):x16}
            """;
    }
}
