using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work.Machine;

/// <summary>What happened on a node. None is journaled: what a node ran dies with its process.</summary>
public abstract record WorkerEvent : IVolatileEvent;

internal sealed record WorkerBegan(string NodeId, string BootId, Resources Lent) : WorkerEvent;

internal sealed record LendSet(Resources Lent, bool Paused) : WorkerEvent;

internal sealed record LinkRose(long Connection) : WorkerEvent;

internal sealed record LinkFell : WorkerEvent;

internal sealed record DrainBegan : WorkerEvent;

/// <summary>Nothing is left here, and the executor knows it.</summary>
internal sealed record DrainTold : WorkerEvent;

/// <param name="Items">What it does of its job; null where the job's tasks have none.</param>
internal readonly record struct TakenAttempt(AttemptRef Id, ItemRange? Items);

/// <summary>Taken on; each waits until its lease has a slot.</summary>
internal sealed record AttemptsQueued(Assign Assign, IReadOnlyList<TakenAttempt> Attempts, DateTimeOffset At) : WorkerEvent;

/// <summary>The executor was told to start it.</summary>
internal sealed record AttemptBegun(string JobId, AttemptRef Id) : WorkerEvent;

/// <param name="KillAt">When it will have run too long; null for never.</param>
internal sealed record AttemptRan(string JobId, AttemptRef Id, DateTimeOffset? KillAt) : WorkerEvent;

/// <summary>The executor was told to kill it, and will be again at <paramref name="AgainAt"/>.</summary>
internal sealed record AttemptKilled(string JobId, AttemptRef Id, EndCause Cause, DateTimeOffset AgainAt) : WorkerEvent;

/// <summary>Not wanted any more: it is kept until its process is gone, for its slot.</summary>
internal sealed record AttemptStopped(string JobId, AttemptRef Id, DateTimeOffset AgainAt) : WorkerEvent;

/// <summary>The process is gone; what it left is being stored.</summary>
internal sealed record AttemptOver(string JobId, AttemptRef Id, Outcome Outcome) : WorkerEvent;

/// <summary>Its result can be told.</summary>
internal sealed record AttemptFinished(
    string JobId, AttemptRef Id, Outcome Outcome, Produced Produced, InlineOutput? Inline, DateTimeOffset AgainAt) : WorkerEvent;

internal sealed record ResultSent(string JobId, AttemptRef Id, DateTimeOffset AgainAt) : WorkerEvent;

internal sealed record AttemptsClaimed(string JobId, IReadOnlyList<AttemptRef> Attempts, DateTimeOffset At) : WorkerEvent;

/// <summary>Nothing of it is left here, or it never was here; it is not taken on again.</summary>
internal sealed record AttemptForgotten(string JobId, AttemptRef Id) : WorkerEvent;

internal sealed record ReportsSent(DateTimeOffset At) : WorkerEvent;
