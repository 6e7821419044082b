using System.Text.Json.Serialization;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Protocol.Link;

/// <summary>
/// What goes over a node's WebSocket as text: one JSON array of these a message, oldest first. Binary messages are
/// <see cref="Framing.SegmentFrame"/>s. Unknown kinds are an error; unknown fields are ignored.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Hello), "hello")]
[JsonDerivedType(typeof(Welcome), "welcome")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Heartbeat), "heartbeat")]
[JsonDerivedType(typeof(Goodbye), "goodbye")]
[JsonDerivedType(typeof(SegmentsAcked), "segmentsAcked")]
[JsonDerivedType(typeof(OutputRefused), "outputRefused")]
[JsonDerivedType(typeof(LinkAssign), "assign")]
[JsonDerivedType(typeof(LinkClaim), "claim")]
[JsonDerivedType(typeof(LinkStop), "stop")]
[JsonDerivedType(typeof(LinkAck), "ack")]
[JsonDerivedType(typeof(LinkReport), "report")]
[JsonDerivedType(typeof(LinkFinished), "finished")]
[JsonDerivedType(typeof(LinkRefusedAttempts), "attemptsRefused")]
[JsonDerivedType(typeof(LinkReturned), "attemptsReturned")]
public abstract record LinkMessage;

// The session's own words.

/// <summary>First from the node. The Lighthouse knows who it is by its token; the name is for people.</summary>
public sealed record Hello(
    int Protocol, string Version, string BootId, NodeOffer Offer, NodeUsage Usage, IReadOnlyList<HeldLease> Held) : LinkMessage;

/// <summary>First from the Lighthouse; <paramref name="Connection"/> numbers the session.</summary>
public sealed record Welcome(int Protocol, string Version, string PoolId, string NodeName, long Connection) : LinkMessage;

/// <summary>Instead of <see cref="Welcome"/>: one line that says what to do; the Lighthouse closes.</summary>
public sealed record Refused(string Reason) : LinkMessage;

/// <summary>Every <see cref="LinkTimes.HeartbeatSeconds"/> s from the node; the offer only when it changed.</summary>
public sealed record Heartbeat(NodeOffer? Offer, NodeUsage Usage, IReadOnlyList<HeldLease> Held) : LinkMessage;

/// <summary>The node leaves on purpose; everything was handed back.</summary>
public sealed record Goodbye : LinkMessage;

/// <summary>Segments of the attempt below <paramref name="Next"/> are on disk at the Lighthouse.</summary>
public sealed record SegmentsAcked(string JobId, AttemptRef Attempt, int Next) : LinkMessage;

/// <summary>The Lighthouse will not store more of this attempt: kill it with <paramref name="Cause"/> (output limit, disk full).</summary>
public sealed record OutputRefused(string JobId, AttemptRef Attempt, EndCause Cause, string Reason) : LinkMessage;

// Machines' messages, by direction. A node can only send those that name itself: the session checks NodeId.

public sealed record LinkAssign(Assign Message) : LinkMessage;

public sealed record LinkClaim(ClaimAttempts Message) : LinkMessage;

public sealed record LinkStop(StopAttempts Message) : LinkMessage;

public sealed record LinkAck(ResultAck Message) : LinkMessage;

public sealed record LinkReport(WorkerReport Message) : LinkMessage;

public sealed record LinkFinished(TaskFinished Message) : LinkMessage;

public sealed record LinkRefusedAttempts(AttemptsRefused Message) : LinkMessage;

public sealed record LinkReturned(AttemptsReturned Message) : LinkMessage;

/// <summary>The link's times and limits, with their reasons.</summary>
public static class LinkTimes
{
    /// <summary>Three may be lost before <see cref="SilentSeconds"/>.</summary>
    public const double HeartbeatSeconds = 2;

    /// <summary>Longer than a Wi-Fi roam, short enough to replace within 10 s.</summary>
    public const double SilentSeconds = 7;

    /// <summary>A closed connection may be a restart of a proxy or a changed address: the same boot id has this long to come back.</summary>
    public const double ClosedGraceSeconds = 0.5;

    /// <summary>After a restart of the Lighthouse running attempts wait this long for their node.</summary>
    public const double RecoverySeconds = 15;

    /// <summary>First wait before a reconnect; doubles up to <see cref="ReconnectSecondsMax"/>, each with full jitter.</summary>
    public const double ReconnectSecondsMin = 0.1;

    /// <summary>However long the Lighthouse was away, nodes are back and work resumes in 3 s, also where no beacon is heard.</summary>
    public const double ReconnectSecondsMax = 2;

    /// <summary>One text message of the link.</summary>
    public const int TextBytesMax = 4 * 1024 * 1024;

    /// <summary>Unacknowledged output of one attempt on its way.</summary>
    public const int WindowBytesMax = 4 * 1024 * 1024;
}
