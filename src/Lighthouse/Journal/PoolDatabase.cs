using AkkaCompute.Lighthouse.Runtime;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>Tables of the pool's database that are no machine's. Make them with <c>CREATE TABLE IF NOT EXISTS</c> in a write.</summary>
internal sealed class PoolDatabase(CommitWriter writer, SqliteReaders readers)
{
    /// <summary>
    /// Runs <paramref name="write"/> on the writer's thread in the next group transaction; completes when it is on disk.
    /// Keep it short: it holds up every commit. What it throws undoes it alone and comes out here.
    /// </summary>
    /// <exception cref="PoolUnavailableException">The journal takes no writes now (disk full, gone); nothing of it has happened.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> write)
    {
        var pending = new Pending<T>(write);
        return writer.Post(pending)
            ? pending.Done
            : Task.FromException<T>(new PoolUnavailableException("the Lighthouse is stopping", diskFull: false));
    }

    /// <summary>Runs <paramref name="read"/> on a connection that sees all committed writes and makes none.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancel) => readers.RunAsync(read, cancel);

    private sealed class Pending<T> : ICommit
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly JournalAction _action;
        private T? _result;

        public Pending(Func<SqliteConnection, SqliteTransaction, T> write) =>
            _action = new JournalAction((connection, transaction) => _result = write(connection, transaction));

        public Task<T> Done => _done.Task;

        public JournalWrite Seal() => _action;

        public void Committed() => _done.TrySetResult(_result!);

        public void Failed(Exception e) => _done.TrySetException(e);
    }
}
