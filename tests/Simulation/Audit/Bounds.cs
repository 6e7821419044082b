using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Audit;

/// <summary>How long the pool may take, with the reasons.</summary>
internal static class Bounds
{
    /// <summary>Recovery (15 s), an expired demand (20 s), an unconfirmed assignment (10 s) and a reconnect (5 s), one after the other.</summary>
    public const long Liveness = 60 * Virtual.Second;

    /// <summary>Inputs, storing, commits and messages of one task, apart from its own running time.</summary>
    public const long TaskOverhead = Virtual.Second;

    /// <summary>While messages get lost a demand (every 5 s), its grant and its assignment may each need several tries.</summary>
    public const long WaitsInFaults = 60 * Virtual.Second;

    /// <summary>When nothing gets lost: two renewals of a demand and an expiry of leases that nobody holds any more.</summary>
    public const long WaitsInCalm = 25 * Virtual.Second;

    /// <summary>A stop may be lost; then the next report (every 5 s) asks for it again, and that may be lost, too.</summary>
    public const long StartsAfterEnd = 20 * Virtual.Second;

    /// <summary>After the last job ended nodes stop what was superseded and forget everything.</summary>
    public const long Settle = 60 * Virtual.Second;
}
