namespace AkkaCompute.Simulation;

/// <summary>To be replaced by the simulated pool. Exit codes: 0 all seeds passed, 2 wrong usage.</summary>
internal static class Simulator
{
    public static int Run(string[] args)
    {
        if (args is not [_, var number] || !ulong.TryParse(number, out var value))
        {
            Console.Error.WriteLine("Usage: --seeds COUNT | --replay SEED");
            return 2;
        }

        Console.WriteLine(args[0] == "--seeds" ? $"{value} seeds: nothing to simulate yet" : $"seed {value}: nothing to simulate yet");
        return 0;
    }
}
