using Xunit.Runner.InProc.SystemConsole;

namespace AkkaCompute.Simulation;

internal static class Program
{
    public static Task<int> Main(string[] args) => IsForUs(args) ? Task.FromResult(Simulator.Run(args)) : ConsoleRunner.Run(args);

    /// <summary>Words, and options of two '-', run the simulator; nothing, and options of one '-', are the test runner's.</summary>
    public static bool IsForUs(IReadOnlyList<string> args) =>
        args.Any(word => word.StartsWith("--", StringComparison.Ordinal) || word == "-h") || (args.Count > 0 && char.IsAsciiLetterOrDigit(args[0][0]));
}
