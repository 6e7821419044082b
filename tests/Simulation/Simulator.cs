using System.Diagnostics;
using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation;

/// <summary>Runs many seeds, or one of them aloud. Exit codes: 0 all seeds passed, 1 one did not, 2 wrong usage.</summary>
internal static class Simulator
{
    private const string Usage = "Usage: --seeds COUNT [--from SEED] [--nodes 50] [--jobs 20] | --replay SEED [--nodes 50] [--jobs 20] [--only JOB|NODE]";

    public static int Run(string[] args)
    {
        if (!TryParse(args, out var given))
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        var options = new SimOptions((int)given.GetValueOrDefault("--nodes", 50UL), (int)given.GetValueOrDefault("--jobs", 20UL));
        return given.TryGetValue("--replay", out var seed)
            ? Replay(seed, options, args is [.., "--only", var only] ? only : null)
            : Many(given.GetValueOrDefault("--from", 1UL), given["--seeds"], options);
    }

    private static int Many(ulong first, ulong count, SimOptions options)
    {
        var watch = Stopwatch.StartNew();
        var batch = Seeds.Run(first, (int)count, options, CancellationToken.None);
        Console.WriteLine(batch.Report(watch.Elapsed));
        foreach (var failure in batch.Failures)
        {
            Console.Error.WriteLine();
            Console.Error.WriteLine(failure.Message);
        }

        return batch.Failures.Count == 0 ? 0 : 1;
    }

    private static int Replay(ulong seed, SimOptions options, string? only)
    {
        var (trace, violation) = SeedRun.Record(seed, options);
        var lines = only is null ? trace.Lines : trace.Story(only, only, int.MaxValue);
        foreach (var line in lines)
        {
            Console.WriteLine(line);
        }

        Console.WriteLine($"seed {seed}: trace {trace.Hash:x16}, {(violation is null ? "no promise broken" : $"{violation.Rule}: {violation.What}")}");
        return violation is null ? 0 : 1;
    }

    private static bool TryParse(string[] args, out Dictionary<string, ulong> given)
    {
        given = new Dictionary<string, ulong>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || args[i] is not ("--seeds" or "--from" or "--replay" or "--nodes" or "--jobs" or "--only"))
            {
                return false;
            }

            if (args[i] == "--only")
            {
                if (i + 2 != args.Length)
                {
                    return false;
                }
            }
            else if (!ulong.TryParse(args[i + 1], out var value) || value == 0 || (args[i] is not ("--replay" or "--from") && value > int.MaxValue))
            {
                return false;
            }
            else
            {
                given[args[i]] = value;
            }
        }

        return given.ContainsKey("--seeds") != given.ContainsKey("--replay");
    }
}
