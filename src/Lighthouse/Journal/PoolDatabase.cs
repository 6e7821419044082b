using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>Tables of the pool's database that are no machine's. Make them with <c>CREATE TABLE IF NOT EXISTS</c> in a write.</summary>
internal sealed class PoolDatabase
{
    /// <summary>
    /// Runs <paramref name="write"/> on the writer's thread in the next group transaction; completes when it is on disk.
    /// Keep it short: it holds up every commit. What it throws undoes it alone and comes out here.
    /// </summary>
    /// <exception cref="Runtime.PoolUnavailableException">The journal takes no writes now (disk full, gone); nothing of it has happened.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> write) => throw new NotImplementedException();

    /// <summary>Runs <paramref name="read"/> on a connection that sees all committed writes and makes none.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancel) => throw new NotImplementedException();
}
