using System.Collections.Concurrent;
using System.Data.Common;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>Connections that see all committed writes and make none; kept open, each used by one reader at a time.</summary>
internal sealed class SqlReaders(ISqlStore store) : IDisposable
{
    /// <summary>Reads are short and run on their caller's thread: more than this would only wait for processors.</summary>
    public const int ReadersMax = 8;

    private readonly SemaphoreSlim _free = new(ReadersMax);
    private readonly ConcurrentBag<SqlSession> _idle = [];

    /// <exception cref="Runtime.PoolUnavailableException">The database cannot be read now.</exception>
    public async Task<T> RunAsync<T>(Func<SqlSession, T> read, CancellationToken cancel)
    {
        await _free.WaitAsync(cancel);
        return Use(read);
    }

    /// <exception cref="Runtime.PoolUnavailableException">The database cannot be read now.</exception>
    public T Run<T>(Func<SqlSession, T> read)
    {
        _free.Wait();
        return Use(read);
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }
    }

    private T Use<T>(Func<SqlSession, T> read)
    {
        try
        {
            // One that lay idle while its server went away is found out by its first word: then another is asked.
            while (_idle.TryTake(out var known))
            {
                var before = known.RowsRead;
                try
                {
                    return Use(known, read);
                }
                catch (DbException) when (!known.IsOpen && known.RowsRead == before)
                {
                }
            }

            return Use(store.OpenReader(), read);
        }
        catch (DbException e)
        {
            throw store.Explain(e, SqlUse.Read);
        }
        finally
        {
            _free.Release();
        }
    }

    // What failed is not used again.
    private T Use<T>(SqlSession session, Func<SqlSession, T> read)
    {
        try
        {
            var result = read(session);
            _idle.Add(session);
            return result;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
