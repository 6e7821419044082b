using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Protocol.Messages;

// What a JobSupervisor is told. Every one may come twice, late or never.

/// <summary>Takes the job on. Repeated, it answers again. Reply: <see cref="JobAccepted"/>.</summary>
public sealed record SubmitJob(JobSpec Spec, Address ReplyTo) : Message;

/// <summary>Ends the job as cancelled. Reply: <see cref="JobCancelReply"/>.</summary>
public sealed record CancelJob(string By, Address ReplyTo) : Message;

/// <summary>Runs again what has not succeeded of a job that has ended. Reply: <see cref="JobRetryReply"/>.</summary>
public sealed record RetryJob(string By, Address ReplyTo) : Message;

/// <summary>
/// Another job is to begin when this one has ended: it asks every few seconds. Reply: <see cref="JobOutcome"/>, at once, and once
/// more when the job ends, if this incarnation of it lives so long.
/// </summary>
public sealed record AskOutcome(Address ReplyTo) : Message;

/// <summary>What a supervisor was asked of another one.</summary>
/// <param name="State">How that job has ended; null while it has not, and for one that there is not.</param>
/// <param name="Reason">Of an end without success; one line.</param>
public sealed record JobOutcome(string JobId, bool Exists, JobState? State, string? Reason) : Message;

/// <summary>
/// To <see cref="Address.Gatherer"/>, every few seconds until it answers: the results of a job's tasks and the inputs of the one that asks, as
/// one tree. Reply: <see cref="ResultsGathered"/>.
/// </summary>
/// <param name="Of">The job whose results they are; it has ended.</param>
/// <param name="InputsDigest">The tree of the one that asks, or null when it has none.</param>
/// <param name="OpenedAt">Since when that one waits for them: what was gathered before a retry is not what it asks for.</param>
public sealed record GatherResults(string JobId, string Of, string? InputsDigest, DateTimeOffset OpenedAt, Address ReplyTo) : Message;

/// <param name="Digest">The tree, which is stored; null where there can be none.</param>
/// <param name="Complaint">Why there is none, in one line.</param>
public sealed record ResultsGathered(string JobId, DateTimeOffset OpenedAt, string? Digest, string? Complaint) : Message;

/// <summary>The Fleet lends part of a node: <see cref="Lease.Slots"/> tasks of the job at once.</summary>
public sealed record LeaseGranted(Lease Lease) : Message;

/// <summary>
/// Somebody else's turn: no task goes onto the lease any more that would take more than so many slots, and those that come
/// free go back one by one (<see cref="ReduceLease"/>). What runs goes on to its end.
/// </summary>
public sealed record RecallSlots(string LeaseId, int Slots) : Message;

/// <summary>The lease is over: the supervisor may start replacements of what runs on it. Unknown leases end too.</summary>
public sealed record LeaseEnded(string LeaseId, string NodeId, LeaseEndReason Reason) : Message;

/// <summary>
/// A Worker's attempts of this job, all of them: at each connect, every few seconds, and when asked for by nobody.
/// The reply to the node is <see cref="ClaimAttempts"/> for those that stand and <see cref="StopAttempts"/> for the others.
/// </summary>
/// <param name="Connection">Number of the node's connection; assignments of an older one that are not reported are lost.</param>
public sealed record WorkerReport(
    string JobId, string NodeId, string BootId, long Connection, IReadOnlyList<AttemptRef> Attempts) : Message;

/// <summary>One attempt ended; sent again until <see cref="ResultAck"/> or <see cref="StopAttempts"/> names it.</summary>
public sealed record TaskFinished(
    string JobId, AttemptRef Attempt, string NodeId, string BootId, Outcome Outcome, Produced Produced) : Message
{
    /// <summary>
    /// Output that was not sent as segments, at most <see cref="InlineOutput.BytesMax"/>; the host stores it in the
    /// same commit as the event and takes it off before the machine sees the message.
    /// </summary>
    public InlineOutput? Inline { get; init; }
}

/// <summary>The end of an attempt's output, numbered on from <see cref="Produced.Segments"/>.</summary>
public sealed record InlineOutput(IReadOnlyList<InlineSegment> Segments)
{
    public const int BytesMax = 64 * 1024;
}

/// <summary>One piece of stdout (1) or stderr (2).</summary>
public sealed record InlineSegment(int Stream, byte[] Bytes);

/// <summary>The node will not run these: it has no room, the lease's epoch is old, or it is leaving.</summary>
public sealed record AttemptsRefused(
    string JobId, string NodeId, string BootId, IReadOnlyList<AttemptRef> Attempts, string Reason) : Message;

/// <summary>The node hands these back, killed, because its owner wants the machine.</summary>
public sealed record AttemptsReturned(
    string JobId, string NodeId, string BootId, IReadOnlyList<AttemptRef> Attempts) : Message;

// What a JobSupervisor answers.

public sealed record JobAccepted(string JobId) : Message;

/// <param name="Found">False when there is no such job.</param>
/// <param name="AlreadyEnded">True when there was nothing left to cancel.</param>
public sealed record JobCancelReply(bool Found, bool AlreadyEnded) : Message;

/// <param name="Tasks">How many wait again; of a job whose tasks are made as it goes, as many as it may yet have.</param>
/// <param name="Refusal">Why none do, in one line; else null.</param>
public sealed record JobRetryReply(int Tasks, string? Refusal) : Message;
