using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>What happened to the pool. None is journaled: a new Fleet hears it all from nodes and supervisors.</summary>
public abstract record FleetEvent : IVolatileEvent;

internal sealed record FleetBegan(long Epoch, DateTimeOffset At) : FleetEvent;

/// <summary>An earlier Fleet knew the node; it is offline until it connects.</summary>
internal sealed record NodeRemembered(KnownNode Node) : FleetEvent;

/// <summary>A session of the node began, or goes on.</summary>
internal sealed record NodeHeard(
    string NodeId, string Name, string Owner, string BootId, long Connection, NodeOffer Offer, NodeUsage Usage,
    IReadOnlyList<HeldLease> Held, DateTimeOffset At) : FleetEvent;

/// <summary>Its connection closed; it has a moment to come back.</summary>
internal sealed record NodeClosing(string NodeId, DateTimeOffset At) : FleetEvent;

/// <param name="Closed">Its connection is known to be closed; otherwise it is only silent and may be heard again.</param>
/// <param name="IsLoss">It held something and did not say that it goes.</param>
internal sealed record NodeWentOffline(string NodeId, bool Closed, DateTimeOffset At, bool IsLoss = false) : FleetEvent;

/// <summary>A task of the job failed there and succeeded elsewhere.</summary>
internal sealed record BlameNoted(string NodeId, string JobId, int Task, DateTimeOffset At) : FleetEvent;

/// <param name="Until">It gets nothing until then; null: it may get something again.</param>
internal sealed record NodeRests(string NodeId, DateTimeOffset? Until) : FleetEvent;

internal sealed record NodeForgotten(string NodeId) : FleetEvent;

/// <param name="Awaited">Leases that the job holds and this young Fleet waits to hear of from their nodes.</param>
internal sealed record DemandHeard(Demand Demand, IReadOnlyList<Lease> Awaited, DateTimeOffset At) : FleetEvent;

internal sealed record DemandDropped(string JobId) : FleetEvent;

/// <summary>Granted, or adopted from an earlier Fleet.</summary>
internal sealed record LeaseMade(Lease Lease) : FleetEvent;

/// <param name="WantsLess">The job gave it back and wants that many slots less.</param>
/// <param name="IsInUse">What the node last said of it holds until it says otherwise.</param>
internal sealed record LeaseFreed(string LeaseId, bool WantsLess, bool IsInUse = false) : FleetEvent;

/// <summary>A lease of an earlier Fleet is over before its node reported it.</summary>
/// <param name="WantsLess">The job gave it back and wants that many slots less.</param>
internal sealed record AwaitedGone(Lease Lease, bool WantsLess) : FleetEvent;

/// <summary>The job gets nothing of the node until then.</summary>
internal sealed record JobPaused(string JobId, string NodeId, DateTimeOffset Until) : FleetEvent;

internal sealed record JobUnpaused(string JobId, string NodeId, DateTimeOffset Until) : FleetEvent;

/// <summary>Its job is to give back all but so many slots of it.</summary>
internal sealed record LeaseRecalled(string LeaseId, int Slots, DateTimeOffset At) : FleetEvent;

/// <summary>Its job gave back all but so many slots of it, and wants them again.</summary>
internal sealed record LeaseReduced(string LeaseId, int Slots) : FleetEvent;

/// <summary>What comes free on the node is kept for a task of the job.</summary>
internal sealed record NodeReserved(string NodeId, string JobId) : FleetEvent;

internal sealed record NodeUnreserved(string NodeId) : FleetEvent;

/// <summary>It was looked at what should be given back.</summary>
internal sealed record RecallsPlanned(DateTimeOffset At) : FleetEvent;

/// <summary>All that changed was looked at for those that wait.</summary>
internal sealed record Placed(DateTimeOffset At) : FleetEvent;
