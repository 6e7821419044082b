using AkkaCompute.Fuzz.Engine;
using Xunit.Runner.InProc.SystemConsole;

namespace AkkaCompute.Fuzz;

internal static class Program
{
    /// <summary><c>--inputs</c>, <c>--target</c>, <c>--seed</c> and <c>--list</c> fuzz on demand; anything else is for the test runner.</summary>
    public static Task<int> Main(string[] args) =>
        args is ["--inputs" or "--target" or "--seed" or "--list", ..] ? Task.FromResult(OnDemand.Run(args)) : ConsoleRunner.Run(args);
}
