using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

// What is true of one incarnation alone. None of these is journaled: a recovered supervisor asks the Fleet and the nodes again.

/// <summary>The first time that this incarnation sees: what the journal left running waits from now on for its nodes.</summary>
internal sealed record Resumed(DateTimeOffset At) : JobEvent, IVolatileEvent;

/// <summary>The Fleet lent it, or (known before) states it anew with a higher epoch.</summary>
internal sealed record LeaseTaken(Lease Lease) : JobEvent, IVolatileEvent;

/// <summary>No further task goes onto the lease; it is given back when the last one ends.</summary>
internal sealed record LeaseClosed(string LeaseId) : JobEvent, IVolatileEvent;

/// <summary>The Fleet wants all but so many slots of it back.</summary>
internal sealed record SlotsRecalled(string LeaseId, int Slots) : JobEvent, IVolatileEvent;

/// <summary>Slots of it were given back: it has so many.</summary>
internal sealed record LeaseShrunk(string LeaseId, int Slots) : JobEvent, IVolatileEvent;

/// <summary>The lease, which holds no attempts (any more), was given back, declined or ended.</summary>
internal sealed record LeaseDropped(string LeaseId) : JobEvent, IVolatileEvent;

internal sealed record DemandSent(int SlotsWanted, DateTimeOffset At) : JobEvent, IVolatileEvent;

/// <summary>A node has these, by its own report.</summary>
internal sealed record AttemptsConfirmed(
    string NodeId, long Connection, IReadOnlyList<AttemptRef> Attempts, DateTimeOffset At) : JobEvent, IVolatileEvent;

/// <summary>Nobody has confirmed these, so the node was told again.</summary>
internal sealed record AssignRepeated(IReadOnlyList<AttemptRef> Attempts, DateTimeOffset At) : JobEvent, IVolatileEvent;

/// <summary>Tasks that failed may be tried again by now, or anywhere.</summary>
internal sealed record TasksCooled(DateTimeOffset At) : JobEvent, IVolatileEvent;

/// <summary>All leases were looked at: those with room got tasks, the empty ones went back.</summary>
internal sealed record LeasesFilled : JobEvent, IVolatileEvent
{
    public static readonly LeasesFilled Instance = new();
}

/// <summary>Another job waits for the end of this one.</summary>
internal sealed record OutcomeAsked(string JobId) : JobEvent, IVolatileEvent;

/// <summary>The jobs that this one waits for were asked.</summary>
internal sealed record AfterAsked(DateTimeOffset At) : JobEvent, IVolatileEvent;

/// <summary>A job that this one waits for has ended as it should.</summary>
internal sealed record AwaitedEnded(string JobId) : JobEvent, IVolatileEvent;

/// <summary>The time is over in which nodes could claim what ran before a restart.</summary>
internal sealed record RecoveryEnded : JobEvent, IVolatileEvent
{
    public static readonly RecoveryEnded Instance = new();
}
