namespace AkkaCompute.Simulation.Audit;

/// <summary>What the auditor found, before it has a story.</summary>
internal sealed record Violation(Rule Rule, string What, string? JobId, string? Actor);

/// <summary>Ends a run at the moment at which a promise was broken.</summary>
internal sealed class ViolationException(Violation violation) : Exception(violation.What)
{
    public Violation Violation { get; } = violation;
}
