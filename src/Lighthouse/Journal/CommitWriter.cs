using AkkaCompute.Lighthouse.Runtime;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>What the writer takes along. Called on the writer's thread, in the order in which they were posted.</summary>
internal interface ICommit
{
    /// <summary>From here on it changes no more. What there is to write; null when it only keeps its place in the order.</summary>
    JournalWrite? Seal();

    /// <summary>It is on disk, and so is all that was posted before it.</summary>
    void Committed();

    void Failed(Exception e);
}

/// <summary>The one writer of the journal: what gathers while it writes is its next transaction.</summary>
internal sealed partial class CommitWriter : IAsyncDisposable
{
    /// <summary>Commits in one transaction: enough for every machine of a busy pool, and a bound on how long one takes.</summary>
    public const int GroupMax = 1024;

    private readonly GatheringThread<ICommit> _thread;
    private readonly IJournal _journal;
    private readonly ILogger _log;
    private readonly TaskCompletionSource<Exception> _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<JournalWrite> _writes = [];
    private readonly List<JournalWrite?> _sealed = [];
    private bool _failing;
    private long _transactions;

    public CommitWriter(IJournal journal, ILogger log)
    {
        _journal = journal;
        _log = log;
        _thread = new GatheringThread<ICommit>("akc journal", GroupMax, Commit, Die);
    }

    /// <summary>How many transactions were tried.</summary>
    public long Transactions => Volatile.Read(ref _transactions);

    /// <summary>Completes when nothing will be written any more: a bug ended the writer, or another Lighthouse took the journal over.</summary>
    public Task<Exception> Died => _died.Task;

    /// <summary>False when the writer has ended: then neither Committed nor Failed is called.</summary>
    public bool Post(ICommit commit) => _thread.Post(commit);

    /// <summary>Completes when all that was posted before has been committed or has failed.</summary>
    public Task SettleAsync()
    {
        var barrier = new Barrier();
        return Post(barrier) ? barrier.Reached : Task.CompletedTask;
    }

    /// <summary>Takes no more; all that was posted is on disk (or has failed) at return.</summary>
    public ValueTask DisposeAsync() => _thread.DisposeAsync();

    private void Commit(List<ICommit> group)
    {
        _writes.Clear();
        _sealed.Clear();
        foreach (var commit in group)
        {
            var write = commit.Seal();
            _sealed.Add(write);
            if (write is not null)
            {
                _writes.Add(write);
            }
        }

        var failure = _writes.Count == 0 ? null : TryWrite();
        for (var i = 0; i < group.Count; i++)
        {
            Release(group[i], _sealed[i] is { } write ? failure ?? write.Failure : null);
        }
    }

    private void Die(Exception e, IReadOnlyList<ICommit> dropped)
    {
        LogDied(e);
        _died.TrySetResult(e);
        foreach (var commit in dropped)
        {
            Release(commit, e);
        }
    }

    private Exception? TryWrite()
    {
        Interlocked.Increment(ref _transactions);
        try
        {
            _journal.Commit(_writes);
            if (_failing && _writes.Exists(write => write is not FenceCheck)) // a full disk lets those through
            {
                _failing = false;
                LogWritesAgain();
            }

            return null;
        }
        catch (PoolTakenOverException e)
        {
            _died.TrySetResult(e);
            return e;
        }
        catch (Exception e)
        {
            // Once, not with every try: a full disk has no room for a log either.
            if (!_failing)
            {
                _failing = true;
                LogCannotWrite(e.Message);
            }

            return e;
        }
    }

    private void Release(ICommit commit, Exception? failure)
    {
        try
        {
            if (failure is null)
            {
                commit.Committed();
            }
            else
            {
                commit.Failed(failure);
            }
        }
        catch (Exception e)
        {
            LogReleaseFailed(e);
        }
    }

    [LoggerMessage(2001, LogLevel.Error, "The journal cannot be written: {Reason}. Nothing new is taken on; it is tried again with every request.")]
    private partial void LogCannotWrite(string reason);

    [LoggerMessage(2002, LogLevel.Warning, "The journal can be written again.")]
    private partial void LogWritesAgain();

    [LoggerMessage(2003, LogLevel.Error, "What follows from a commit failed: a bug; the pool goes on. Please report it.")]
    private partial void LogReleaseFailed(Exception e);

    [LoggerMessage(2004, LogLevel.Critical, "The journal's writer failed: a bug. The Lighthouse ends; start it again, and please report it.")]
    private partial void LogDied(Exception e);

    private sealed class Barrier : ICommit
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public JournalWrite? Seal() => null;

        public void Committed() => _reached.TrySetResult();

        public void Failed(Exception e) => _reached.TrySetResult();
    }
}
