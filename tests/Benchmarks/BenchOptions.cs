using System.Globalization;

namespace AkkaCompute.Benchmarks;

internal sealed record BenchOptions(int Tasks = 2000, int Echoes = 200, int Rounds = 3, int Jobs = 100_000)
{
    public static BenchOptions? Parse(string[] args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || !int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var value) || value < 1)
            {
                return null;
            }

            switch (args[i])
            {
                case "--tasks": options = options with { Tasks = value }; break;
                case "--echoes": options = options with { Echoes = value }; break;
                case "--rounds": options = options with { Rounds = value }; break;
                case "--jobs": options = options with { Jobs = value }; break;
                default: return null;
            }
        }

        return options;
    }
}
