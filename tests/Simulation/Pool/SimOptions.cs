using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>What a run is made of, besides its seed.</summary>
/// <param name="Tasks">Of all jobs together; null for as many as the seed draws.</param>
internal sealed record SimOptions(int Nodes = 50, int Jobs = 20, int? Tasks = null, PlantedBug Bug = PlantedBug.None)
{
    /// <summary>Kinds of faults that do not happen.</summary>
    public IReadOnlyList<FaultKind> Without { get; init; } = [];

    /// <summary>Faults end by then; null for when the seed says.</summary>
    public long? FaultsUntil { get; init; }

    /// <summary>Only this job is submitted; null for all.</summary>
    public string? Job { get; init; }

    /// <summary>
    /// This job besides those that are drawn, without faults and, so that what is measured is the machines and their hosts, without
    /// an auditor and on a disk that counts and keeps nothing; null for a run as usual.
    /// </summary>
    public JobPlan? Measured { get; init; }

    private string With => Without.Count == FaultKinds.All.Count ? "none" : string.Join(',', FaultKinds.Except(Without));

    /// <summary>As a command line has them, but for the seed.</summary>
    public override string ToString() => string.Concat(
        $"--nodes {Nodes} --jobs {Jobs}",
        Tasks is { } tasks ? $" --tasks {tasks}" : "",
        Job is { } job ? $" --job {job}" : "",
        FaultsUntil is { } until ? $" --faults-until {until / Virtual.Second}" : "",
        Without.Count == 0 ? "" : Without.Count <= FaultKinds.All.Count / 2 ? $" --without {string.Join(',', Without)}" : $" --with {With}",
        Bug != PlantedBug.None ? $" --bug {Bug}" : "");
}
