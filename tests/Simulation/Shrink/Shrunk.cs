using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation.Shrink;

/// <summary>The smallest run that was found to break the same promise, and its story.</summary>
/// <param name="Options">What it is made of.</param>
/// <param name="Before">Faults of the run that first broke it.</param>
/// <param name="Faults">Faults until the promise was broken again.</param>
internal sealed record Shrunk(
    ulong Seed, SimOptions Options, Violation Violation, FaultTally Before, FaultTally Faults, int Reruns, string Story)
{
    public override string ToString() => $"""
        shrunk in {Reruns} reruns from {Before.Sum:N0} faults to {Faults.Sum:N0}{(Faults.Sum > 0 ? $" ({Faults})" : "")}: {Violation.What}
        see it: dotnet run --project tests/Simulation -c Release -- --replay {Seed} {Options}
        {Story}
        """;
}
