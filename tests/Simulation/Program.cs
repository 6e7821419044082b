using Xunit.Runner.InProc.SystemConsole;

namespace AkkaCompute.Simulation;

internal static class Program
{
    /// <summary><c>--seeds N</c> and <c>--replay SEED</c> run the simulator; anything else is for the test runner.</summary>
    public static Task<int> Main(string[] args) =>
        args.Any(a => a is "--seeds" or "--replay") ? Task.FromResult(Simulator.Run(args)) : ConsoleRunner.Run(args);
}
