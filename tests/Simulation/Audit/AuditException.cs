namespace AkkaCompute.Simulation.Audit;

/// <summary>A promise was broken. The message names the seed and tells the story of the job (or node) concerned.</summary>
internal sealed class AuditException(ulong seed, Violation violation, string story)
    : Exception($"seed {seed}, {violation.Rule}: {violation.What}{Environment.NewLine}{story}")
{
    public ulong Seed { get; } = seed;

    public Violation Violation { get; } = violation;
}

/// <summary>What the auditor found, before it has a story.</summary>
internal sealed record Violation(string Rule, string What, string? JobId, string? Actor);

/// <summary>Ends a run at the moment at which a promise was broken.</summary>
internal sealed class ViolationException(Violation violation) : Exception(violation.What)
{
    public Violation Violation { get; } = violation;
}
