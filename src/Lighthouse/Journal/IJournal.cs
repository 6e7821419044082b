using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>What machines decided, in order, and the projections that were written with it.</summary>
internal interface IJournal : IDisposable
{
    /// <summary>Of this opening: a later opening of the same journal has a higher one and fences this.</summary>
    long Generation { get; }

    /// <summary>
    /// Has all of <paramref name="writes"/> on disk at return, in one transaction, but for those whose own
    /// <see cref="JournalWrite.Failure"/> was set: nothing of these has happened. Called by one thread at a time.
    /// </summary>
    /// <exception cref="Runtime.PoolUnavailableException">
    /// It is not known to be written: it was not, unless the connection to a server broke within the commit. Machines are
    /// replayed and find out; an own write must bear being repeated.
    /// </exception>
    /// <exception cref="Runtime.PoolTakenOverException">A later opening has fenced this one: nothing will be written any more.</exception>
    void Commit(IReadOnlyList<JournalWrite> writes);

    /// <summary>
    /// Calls <paramref name="snapshot"/> with the machine's latest snapshot, if it has one, and <paramref name="step"/> with
    /// all committed steps that have events after it, oldest first; with all steps where the snapshot is declined. Any thread.
    /// </summary>
    /// <param name="snapshot">False when it can't be used.</param>
    /// <exception cref="Runtime.PoolUnavailableException">The journal cannot be read now.</exception>
    Task ReadAsync(string machine, Func<JournaledSnapshot, bool> snapshot, Action<JournaledStep> step);

    /// <summary>Ids of jobs whose view has no end. Any thread.</summary>
    IReadOnlyList<string> UnfinishedJobs();
}

/// <summary>Part of a group commit.</summary>
internal abstract class JournalWrite
{
    /// <summary>Why this write alone was left out; null when it was taken.</summary>
    public Exception? Failure { get; set; }
}

/// <summary>One step of one machine: the events of a batch of messages and what is projected from them.</summary>
/// <param name="machine">The machine's address, such as <c>job/k3v9x2mq</c>.</param>
/// <param name="expectedSequence">How many events the machine must have in the journal for this to be taken.</param>
/// <param name="count">How many events stand in the payload; at least 1.</param>
/// <param name="payload">A JSON array of them.</param>
internal sealed class JournalAppend(string machine, long expectedSequence, int count, ReadOnlyMemory<byte> payload, DateTimeOffset at)
    : JournalWrite
{
    public string Machine { get; } = machine;

    public long ExpectedSequence { get; } = expectedSequence;

    public int Count { get; } = count;

    public ReadOnlyMemory<byte> Payload { get; } = payload;

    public DateTimeOffset At { get; } = at;

    /// <summary>The machine's whole state at the step's end or within it; in place of the one before.</summary>
    public JournaledSnapshot? Snapshot { get; init; }

    public JobView? View { get; init; }

    /// <summary>A job whose results without success go, before <see cref="Results"/> come; null where none is reopened.</summary>
    public string? Reopened { get; init; }

    public IReadOnlyList<TaskResult> Results { get; init; } = [];

    public IReadOnlyList<InlineRow> Inline { get; init; } = [];
}

/// <summary>A committed result of a task, as lists show it.</summary>
internal readonly record struct TaskResult(string JobId, TaskView View);

/// <summary>The end of an attempt's output, kept in the journal.</summary>
internal readonly record struct InlineRow(string JobId, int Task, int Attempt, int FirstSegment, InlineOutput Output);

/// <summary>A write of tables that are no machine's.</summary>
internal sealed class JournalAction(Action<SqlSession> run) : JournalWrite
{
    public Action<SqlSession> Run { get; } = run;
}

/// <summary>Writes nothing: passes only while the journal is this opening's own.</summary>
internal sealed class FenceCheck : JournalWrite;

/// <param name="Sequence">Number of its first event.</param>
/// <param name="Payload">A JSON array of <paramref name="Count"/> events.</param>
internal readonly record struct JournaledStep(long Sequence, int Count, byte[] Payload);

/// <summary>A machine's state.</summary>
/// <param name="Sequence">Number of the first event that it does not include.</param>
internal readonly record struct JournaledSnapshot(long Sequence, byte[] Payload);

/// <summary>Another incarnation of the machine has written: this one must be discarded and replayed.</summary>
internal sealed class JournalConflictException(string machine, long expected)
    : Exception($"{machine} is not at event {expected} any more: another incarnation wrote");
