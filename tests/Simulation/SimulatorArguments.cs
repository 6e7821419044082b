using System.Globalization;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation;

/// <summary>What was asked for on the command line.</summary>
internal sealed record SimulatorArguments
{
    public const string Usage = """
        Usage: --seeds COUNT [--from SEED] [--transitions] [OPTIONS] | --replay SEED [--only JOB|NODE] [OPTIONS] | --scale TASKS,... [--nodes 1000]
               nothing, or options of one '-', runs the tests (-? says more)
          --seeds COUNT         run so many seeds, from 1 or from --from SEED
          --transitions         name the machines' transitions that were never taken
          --replay SEED         every line of one seed, or those about one job (job04) or node (n17)
          --scale TASKS,...     what a task costs of an array, and of a range, of so many
        OPTIONS
          --nodes 50 --jobs 20  how large the pool is, and how much is submitted
          --tasks COUNT         of all jobs together, instead of what the seed draws
          --job JOB             submit only this one
          --without KIND,...    faults that do not happen; --with KIND,... (or none): only these do
          --faults-until SECOND faults end by then
          --bug NAME            plant a mistake that a test of the auditor plants
        """;

    public ulong? Replay { get; private init; }

    public int Seeds { get; private init; }

    public ulong From { get; private init; } = 1;

    public bool Transitions { get; private init; }

    /// <summary>Sizes of jobs that are measured, or null.</summary>
    public IReadOnlyList<int>? Scale { get; private init; }

    /// <summary>Null where the command line has none.</summary>
    public int? Nodes { get; private init; }

    public string? Only { get; private init; }

    public SimOptions Options { get; private init; } = new();

    /// <summary>Null when it is not understood.</summary>
    public static SimulatorArguments? Parse(IReadOnlyList<string> args)
    {
        var given = new SimulatorArguments();
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == "--transitions")
            {
                given = given with { Transitions = true };
            }
            else if (i + 1 == args.Count || given.With(args[i], args[++i]) is not { } more)
            {
                return null;
            }
            else
            {
                given = more;
            }
        }

        var ways = new[] { given.Replay is not null, given.Seeds > 0, given.Scale is not null };
        return ways.Count(way => way) == 1 && (given.Options.Tasks ?? int.MaxValue) >= given.Options.Jobs ? given : null;
    }

    private SimulatorArguments? With(string name, string value) => name switch
    {
        "--seeds" => Count(value) is { } n ? this with { Seeds = n } : null,
        "--from" => ulong.TryParse(value, out var n) ? this with { From = n } : null,
        "--replay" => ulong.TryParse(value, out var n) ? this with { Replay = n } : null,
        "--only" => this with { Only = value },
        "--scale" => Sizes(value) is { } sizes ? this with { Scale = sizes } : null,
        "--nodes" => Count(value) is { } n ? this with { Nodes = n, Options = Options with { Nodes = n } } : null,
        "--jobs" => Count(value) is { } n ? this with { Options = Options with { Jobs = n } } : null,
        "--tasks" => Count(value) is { } n ? this with { Options = Options with { Tasks = n } } : null,
        "--job" => this with { Options = Options with { Job = value } },
        "--faults-until" => Count(value) is { } n ? this with { Options = Options with { FaultsUntil = n * Virtual.Second } } : null,
        "--without" => Kinds(value) is { } kinds ? this with { Options = Options with { Without = kinds } } : null,
        "--with" when value == "none" => this with { Options = Options with { Without = FaultKinds.All } },
        "--with" => Kinds(value) is { } kinds ? this with { Options = Options with { Without = FaultKinds.Except(kinds) } } : null,
        "--bug" => Enum.TryParse<PlantedBug>(value, out var bug) ? this with { Options = Options with { Bug = bug } } : null,
        _ => null,
    };

    private static int? Count(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n : null;

    private static List<int>? Sizes(string value)
    {
        var sizes = value.Split(',').Select(Count).ToList();
        return sizes.TrueForAll(size => size <= JobSpec.TaskCountMax) ? sizes.ConvertAll(size => size!.Value) : null;
    }

    private static List<FaultKind>? Kinds(string value)
    {
        var kinds = new List<FaultKind>();
        foreach (var name in value.Split(','))
        {
            if (!Enum.TryParse<FaultKind>(name, out var kind))
            {
                return null;
            }

            kinds.Add(kind);
        }

        return kinds;
    }
}
