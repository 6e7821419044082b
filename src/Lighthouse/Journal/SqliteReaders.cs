using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>Connections that see all committed writes and make none; kept open, each used by one reader at a time.</summary>
internal sealed class SqliteReaders(string file) : IDisposable
{
    /// <summary>Reads are short and run on their caller's thread: more than this would only wait for processors.</summary>
    public const int ReadersMax = 8;

    private readonly SemaphoreSlim _free = new(ReadersMax);
    private readonly ConcurrentBag<SqliteConnection> _idle = [];

    public async Task<T> RunAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancel)
    {
        await _free.WaitAsync(cancel);
        return Use(read);
    }

    public T Run<T>(Func<SqliteConnection, T> read)
    {
        _free.Wait();
        return Use(read);
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var connection))
        {
            connection.Dispose();
        }
    }

    private T Use<T>(Func<SqliteConnection, T> read)
    {
        SqliteConnection? connection = null;
        try
        {
            if (!_idle.TryTake(out connection))
            {
                connection = new SqliteConnection(SqliteSchema.ConnectionString(file, SqliteOpenMode.ReadWrite));
                connection.Open();
                using var command = connection.CreateCommand();
                command.CommandText = "PRAGMA query_only = ON";
                command.ExecuteNonQuery();
            }

            var result = read(connection);
            _idle.Add(connection);
            connection = null;
            return result;
        }
        finally
        {
            connection?.Dispose(); // what failed is not used again
            _free.Release();
        }
    }
}
