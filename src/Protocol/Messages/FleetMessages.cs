using System.Text.Json.Serialization;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Protocol.Messages;

/// <summary>The Fleet's grant of part of a node's capacity to a job.</summary>
/// <param name="Epoch">Of the Fleet that granted it; a Worker refuses one lower than the highest it has seen.</param>
/// <param name="Connection">The node's connection number when it was granted.</param>
/// <param name="Slots">How many tasks of the job may run on it at once.</param>
/// <param name="PerTask">What each of them gets, in the node's own terms.</param>
public sealed record Lease(
    string Id, long Epoch, string JobId, string NodeId, string NodeName, string BootId, long Connection, int Slots, Resources PerTask);

[JsonConverter(typeof(JsonStringEnumConverter<LeaseEndReason>))]
public enum LeaseEndReason
{
    /// <summary>The node's connection closed and it did not come back in time.</summary>
    NodeGone,

    /// <summary>The node is silent on a connection that stands: a closed lid, a lost link, or dead.</summary>
    NodeSilent,

    /// <summary>The node came back as another process: what it ran is dead.</summary>
    NodeRestarted,

    /// <summary>The Fleet does not know the lease (it expired, or the Fleet is new and the node did not report it).</summary>
    Unknown,

    /// <summary>The owner pauses or leaves.</summary>
    NodeLeaving,
}

/// <summary>First message of every Fleet: its epoch, drawn from the database.</summary>
public sealed record FleetStarted(long Epoch) : Message
{
    /// <summary>Nodes that earlier Fleets knew, the last seen first; those that are here will connect.</summary>
    public IReadOnlyList<KnownNode> Known { get; init; } = [];
}

/// <summary>A member that lends a node, and what it last offered.</summary>
public sealed record KnownNode(string NodeId, string Name, string Owner, NodeOffer Offer, DateTimeOffset LastSeen);

/// <summary>What a node offers and how it is labelled.</summary>
/// <param name="Labels">Sorted by key: <c>python3=3.11.2</c>, <c>python:numpy=1.24.2</c>, <c>os=linux</c>, ...</param>
/// <param name="Sandbox"><c>bubblewrap</c> or <c>unsandboxed</c>.</param>
public sealed record NodeOffer(
    Resources Capacity, IReadOnlyDictionary<string, string> Labels, string Sandbox, string? CpuModel, IReadOnlyList<string> GpuNames);

/// <summary>What a node uses just now.</summary>
/// <param name="CpuOthers">Share of all the machine's cores, 0 to 1, that others than guests use.</param>
/// <param name="MemoryFreeBytes">Free memory of the whole machine.</param>
/// <param name="Paused">The owner lends nothing just now.</param>
public sealed record NodeUsage(double CpuOthers, double CpuTotal, long MemoryFreeBytes, long DiskFreeBytes, bool Paused);

/// <summary>A lease that a Worker still has attempts of, in its own words: the Fleet counts what it did not grant itself.</summary>
public sealed record HeldLease(string LeaseId, string JobId, long Epoch, Resources InUse);

/// <summary>A node's session began. Any older connection of the node is stale.</summary>
/// <param name="Connection">Grows with each session the Lighthouse accepts, over restarts too.</param>
public sealed record NodeConnected(
    string NodeId, string Name, string Owner, string BootId, long Connection, NodeOffer Offer, NodeUsage Usage, IReadOnlyList<HeldLease> Held) : Message;

/// <summary>Every 2 s. <see cref="Held"/> lists all leases the Worker still has attempts of.</summary>
public sealed record NodeHeartbeat(
    string NodeId, string BootId, long Connection, NodeOffer? Offer, NodeUsage Usage, IReadOnlyList<HeldLease> Held) : Message;

/// <summary>The session's connection closed. <paramref name="Goodbye"/>: the node said so (drained), nothing to wait for.</summary>
public sealed record NodeClosed(string NodeId, string BootId, long Connection, bool Goodbye) : Message;

/// <summary>
/// A supervisor's need, whole: it replaces the job's earlier one and keeps its place in the queue. Sent again every
/// <see cref="RenewSeconds"/> s while there is any; a job that is silent for <see cref="ExpireSeconds"/> s loses its leases.
/// </summary>
/// <param name="Order">Grows with submits: earlier jobs are served first.</param>
/// <param name="SlotsWanted">All the tasks that could run at once now, on held leases and new ones.</param>
/// <param name="Held">Leases the supervisor believes it holds, so that a new Fleet knows and an old one can say what ended.</param>
public sealed record Demand(
    string JobId, string Owner, long Order, ResourceRequest Request, string? Node, IReadOnlyList<string> Needs,
    IReadOnlyList<string> Prefers, int SlotsWanted, IReadOnlyList<Lease> Held) : Message
{
    public const int RenewSeconds = 5;
    public const int ExpireSeconds = 20;

    /// <summary>Nodes that would not or could not do work of this job while they still do some of it: none of these just now.</summary>
    public IReadOnlyList<string> Avoid { get; init; } = [];

    /// <summary>Among the jobs of one person those of a higher one are served first; see <see cref="JobSpec.Priority"/>.</summary>
    public int Priority { get; init; }

    /// <summary>Names of nodes of which one is to run it; none for any.</summary>
    public IReadOnlyList<string> On { get; init; } = [];

    /// <summary>Names of nodes that are not to run it.</summary>
    public IReadOnlyList<string> NotOn { get; init; } = [];

    /// <summary>What its tasks read, by digest; null for nothing. Nodes that ran a task with the same have it.</summary>
    public string? Data { get; init; }

    /// <summary>How fast nodes did its tasks.</summary>
    public IReadOnlyList<NodeSpeed> Speeds { get; init; } = [];
}

/// <param name="Speed">In times of the mean of the job's nodes: 2 is twice as fast.</param>
public sealed record NodeSpeed(string NodeId, double Speed);

/// <summary>A task of the job failed on the node, by itself, and then succeeded on another one.</summary>
public sealed record NodeBlamed(string NodeId, string JobId, int Task) : Message;

/// <summary>The job gives a lease back, and wants that many slots less until its next <see cref="Demand"/>.</summary>
/// <param name="Refused">The node would not or could not do the work: it is lent to this job again only after a pause.</param>
/// <param name="IsInUse">An attempt still runs there: nobody gets that room until the node says that it is free.</param>
public sealed record ReleaseLease(string JobId, string LeaseId, bool Refused = false, bool IsInUse = false) : Message;

/// <summary>What <see cref="RecallSlots"/> asked for: the job holds so many slots of the lease from now on, and would like more again.</summary>
/// <param name="Slots">None: it does not hold the lease any more.</param>
public sealed record ReduceLease(string JobId, string LeaseId, int Slots) : Message;

/// <summary>The job wants nothing any more and holds nothing.</summary>
public sealed record DemandEnded(string JobId) : Message;
