using System.Diagnostics;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Scale;

namespace AkkaCompute.Simulation;

/// <summary>Runs many seeds, or one of them aloud, or measures what large jobs cost. Exit codes: 0 all seeds passed, 1 one did not, 2 wrong usage.</summary>
internal static class Simulator
{
    public static int Run(string[] args)
    {
        if (args is ["--help" or "-h", ..])
        {
            Console.WriteLine(SimulatorArguments.Usage);
            return 0;
        }

        if (SimulatorArguments.Parse(args) is not { } given)
        {
            Console.Error.WriteLine(SimulatorArguments.Usage);
            return 2;
        }

        if (given.Scale is { } sizes)
        {
            return ScaleReport.Print(sizes, given.Nodes ?? ScaleRun.NodesUsual);
        }

        return given.Replay is { } seed ? Replay(seed, given.Options, given.Only) : Many(given);
    }

    private static int Many(SimulatorArguments given)
    {
        var watch = Stopwatch.StartNew();
        var seeds = Seeds.Run(given.From, given.Seeds, given.Options, CancellationToken.None);
        Console.WriteLine(seeds.Report(watch.Elapsed));
        if (given.Transitions)
        {
            Console.WriteLine(string.Join(Environment.NewLine, seeds.Never().Select(t => $"never      {t}")));
        }

        foreach (var failure in seeds.Failures())
        {
            Console.Error.WriteLine();
            Console.Error.WriteLine(failure);
        }

        return seeds.Failed.Count == 0 ? 0 : 1;
    }

    private static int Replay(ulong seed, SimOptions options, string? only)
    {
        var run = SeedRun.Of(seed, options, recording: true);
        foreach (var line in only is null ? run.Trace.Lines : run.Trace.Story(only, only, int.MaxValue))
        {
            Console.WriteLine(line);
        }

        Console.WriteLine($"{run}; trace {run.Trace.Hash:x16}");
        return run.Violation is null ? 0 : 1;
    }
}
