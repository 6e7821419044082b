using System.Collections.Concurrent;

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
        SqlSession? session = null;
        try
        {
            if (!_idle.TryTake(out session))
            {
                session = store.OpenReader();
            }

            var result = read(session);
            _idle.Add(session);
            session = null;
            return result;
        }
        catch (System.Data.Common.DbException e)
        {
            throw store.Explain(e, SqlUse.Read);
        }
        finally
        {
            session?.Dispose(); // what failed is not used again
            _free.Release();
        }
    }
}
