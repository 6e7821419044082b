using AkkaCompute.Lighthouse.Runtime;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>Tables of the pool's database that are no machine's.</summary>
internal sealed class PoolDatabase(CommitWriter writer, SqlReaders readers)
{
    /// <summary>
    /// Runs <paramref name="write"/> on the writer's thread in the next group transaction; completes when it is on disk.
    /// Keep it short: it holds up every commit. What it throws undoes it alone and comes out here.
    /// </summary>
    /// <exception cref="PoolUnavailableException">
    /// The journal takes no writes now (disk full, gone). Nothing of it has happened, unless a server went away within the
    /// commit: the write must bear being repeated.
    /// </exception>
    public Task<T> WriteAsync<T>(Func<SqlSession, T> write)
    {
        var pending = new Pending<T>(write);
        return writer.Post(pending)
            ? pending.Done
            : Task.FromException<T>(new PoolStoppingException());
    }

    /// <summary>Runs <paramref name="read"/> on a connection that sees all committed writes and makes none.</summary>
    public Task<T> ReadAsync<T>(Func<SqlSession, T> read, CancellationToken cancel) => readers.RunAsync(read, cancel);

    /// <summary>Completes when the journal was seen to be this process's own, after all that was posted before.</summary>
    /// <exception cref="PoolUnavailableException">It could not be seen just now.</exception>
    /// <exception cref="PoolTakenOverException">It is another's.</exception>
    public Task CheckAsync()
    {
        var pending = new Check();
        return writer.Post(pending)
            ? pending.Done
            : Task.FromException(new PoolStoppingException());
    }

    private sealed class Check : ICommit
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public JournalWrite Seal() => new FenceCheck();

        public void Committed() => _done.TrySetResult();

        public void Failed(Exception e) => _done.TrySetException(e);
    }

    private sealed class Pending<T> : ICommit
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly JournalAction _action;
        private T? _result;

        public Pending(Func<SqlSession, T> write) =>
            _action = new JournalAction(session => _result = write(session));

        public Task<T> Done => _done.Task;

        public JournalWrite Seal() => _action;

        public void Committed() => _done.TrySetResult(_result!);

        public void Failed(Exception e) => _done.TrySetException(e);
    }
}
