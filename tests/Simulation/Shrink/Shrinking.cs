using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Shrink;

/// <summary>
/// Makes a run that broke a promise smaller for as long as it breaks the same one: fewer kinds of faults, fewer jobs,
/// fewer nodes, an earlier end of faults. Each part of the pool draws from its own generator, so what is left stays much
/// as it was.
/// </summary>
internal sealed class Shrinking
{
    /// <summary>Each costs as much as the run itself; after so many little more is won.</summary>
    private const int RerunsMax = 50;

    private const int StoryLines = 60;

    private readonly ulong seed;
    private readonly Rule rule;
    private SimOptions best;
    private SeedRun found;
    private int reruns;

    private Shrinking(ulong seed, SimOptions options, SeedRun found)
    {
        (this.seed, best, this.found) = (seed, options, found);
        rule = found.Violation!.Rule;
    }

    public static Shrunk Of(SimOptions options, SeedRun broken)
    {
        var shrinking = new Shrinking(broken.Seed, options, broken);
        shrinking.Shrink();
        return new Shrunk(
            broken.Seed, shrinking.best, shrinking.found.Violation!, broken.Faults, shrinking.found.Faults, shrinking.reruns, shrinking.Story());
    }

    private void Shrink()
    {
        Try(best with { Without = FaultKinds.Except([.. FaultKinds.All.Where(k => found.Faults[k] > 0)]) });
        DropFaults();
        if (found.Violation!.JobId is { } job)
        {
            Try(best with { Job = job });
        }

        Halve(o => o.Jobs, (o, jobs) => o with { Jobs = jobs });
        Halve(o => o.Nodes, (o, nodes) => o with { Nodes = nodes });
        EndEarlier();
        DropFaults();
    }

    /// <summary>All kinds that struck, then halves of them, quarters, single ones.</summary>
    private void DropFaults()
    {
        for (var share = 1; ; share *= 2)
        {
            var struck = FaultKinds.All.Where(k => found.Faults[k] > 0).ToList();
            foreach (var kinds in struck.Chunk(Math.Max(1, (struck.Count + share - 1) / share)))
            {
                Try(best with { Without = [.. best.Without, .. kinds] });
            }

            if (share >= struck.Count)
            {
                return;
            }
        }
    }

    private void Halve(Func<SimOptions, int> read, Func<SimOptions, int, SimOptions> with)
    {
        while (read(best) > 1 && Try(with(best, read(best) / 2)))
        {
        }
    }

    /// <summary>Whole seconds, as the command line has them.</summary>
    private void EndEarlier()
    {
        var ends = Math.Min(found.FaultsUntil, found.VirtualTime) / Virtual.Second;
        foreach (var tenths in new[] { 2, 4, 6, 8 })
        {
            if (ends * tenths / 10 > 0 && Try(best with { FaultsUntil = ends * tenths / 10 * Virtual.Second }))
            {
                return;
            }
        }
    }

    private bool Try(SimOptions smaller)
    {
        if (reruns >= RerunsMax)
        {
            return false;
        }

        reruns++;
        var rerun = SeedRun.Of(seed, smaller);
        if (rerun.Violation?.Rule != rule)
        {
            return false;
        }

        (best, found) = (smaller, rerun);
        return true;
    }

    private string Story()
    {
        var again = SeedRun.Of(seed, best, recording: true);
        var story = string.Join(Environment.NewLine, again.Trace.Story(found.Violation!.JobId, found.Violation.Actor, StoryLines));
        return again.Trace.Hash == found.Trace.Hash ? story : $"(the second run went another way: something is not deterministic){Environment.NewLine}{story}";
    }
}
