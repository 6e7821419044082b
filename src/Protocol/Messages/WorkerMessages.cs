using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Protocol.Messages;

// From a supervisor to a Worker.

/// <summary>Run these on the lease. Attempts that the Worker already knows are not started again.</summary>
/// <param name="TaskCount">Of the job; 0 where that is not known before its end.</param>
public sealed record Assign(
    Lease Lease, TaskTemplate? Template, string? TemplateDigest, int TaskCount, IReadOnlyList<TaskRange> Tasks) : Message
{
    /// <summary>Of each of the tasks, in order; null where the job's tasks have none.</summary>
    public IReadOnlyList<ItemRange>? Items { get; init; }
}

/// <summary>The supervisor counts on these. An attempt that nobody claims for an hour stops itself.</summary>
public sealed record ClaimAttempts(string JobId, IReadOnlyList<AttemptRef> Attempts) : Message;

/// <summary>Kill and forget these; repeated for as long as they are reported.</summary>
public sealed record StopAttempts(string JobId, IReadOnlyList<AttemptRef> Attempts, string Reason) : Message;

/// <summary>The results are committed (or not wanted): forget these.</summary>
public sealed record ResultAck(string JobId, IReadOnlyList<AttemptRef> Attempts) : Message;

// From the node's own process to its Worker.

/// <summary>First message of every Worker.</summary>
public sealed record WorkerStarted(string NodeId, string BootId, Resources Lent) : Message;

/// <summary>The owner lends another amount from now on, or nothing (paused).</summary>
public sealed record LendChanged(Resources Lent, bool Paused) : Message;

/// <summary>The link is up; report everything at once.</summary>
public sealed record LinkUp(long Connection) : Message;

public sealed record LinkDown : Message;

/// <summary>Hand everything back and take nothing more: the owner leaves.</summary>
public sealed record Drain : Message;

/// <summary>The process runs (inputs are in place).</summary>
/// <param name="TimeoutSeconds">Of a template that came by digest, which only the executor has read; else null.</param>
public sealed record AttemptStarted(string JobId, AttemptRef Attempt, double? TimeoutSeconds = null) : Message;

/// <summary>The process and its whole tree are gone, or it never started; its lease slot is free again.</summary>
public sealed record AttemptEnded(string JobId, AttemptRef Attempt, Outcome Outcome) : Message;

/// <summary>All that the attempt produced is durable at the Lighthouse, but for <paramref name="Inline"/>, which travels with the result.</summary>
/// <param name="Instead">How it ended after all, when some of it could not be stored; null when the end that was told stands.</param>
public sealed record AttemptStored(
    string JobId, AttemptRef Attempt, Produced Produced, InlineOutput? Inline, Outcome? Instead = null) : Message;

// From a Worker to the node's own process (Address.Executor).

/// <summary>
/// Fetch inputs, make the work directory, run, stream output, collect results. Answers: <see cref="AttemptStarted"/>,
/// <see cref="AttemptEnded"/>, then <see cref="AttemptStored"/>.
/// </summary>
public sealed record StartAttempt(
    string JobId, AttemptRef Attempt, TaskTemplate? Template, string? TemplateDigest, int TaskCount, Resources PerTask, ItemRange? Items = null) : Message;

/// <summary>Kill the process tree; the end comes as <see cref="AttemptEnded"/> with <paramref name="Cause"/>.</summary>
public sealed record KillAttempt(string JobId, AttemptRef Attempt, EndCause Cause) : Message;

/// <summary>Forget the attempt: drop unsent output, results and the work directory; kill it if it still runs.</summary>
public sealed record ForgetAttempt(string JobId, AttemptRef Attempt) : Message;

/// <summary>Everything has been handed back: the process may say goodbye and end.</summary>
public sealed record Drained : Message;
