using AkkaCompute.Lighthouse.Runtime;
using Npgsql;

namespace AkkaCompute.Lighthouse.Journal.Postgres;

/// <summary>A database of a PostgreSQL server; the journal has the schema <see cref="PostgresSchema.Name"/> in it.</summary>
internal sealed class PostgresStore : ISqlStore
{
    /// <summary>A server that is there answers sooner; while one is awaited nothing is acknowledged.</summary>
    private const int ConnectSecondsMax = 5;

    /// <summary>A commit that takes longer has failed: what waits for it asks again.</summary>
    private const int CommandSecondsMax = 30;

    // More than there are texts of statements.
    private const int PreparedMax = 64;

    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    private const string DiskFull = "53100";

    private readonly string _connection;
    private readonly TimeSpan _staleAfter;
    private PostgresSession? _first; // what claimed the journal is its first writer
    private int? _lastWriter; // the server's process behind it

    /// <param name="settings">A URI (<c>postgres://user@host:5432/database</c>) or Npgsql's own form (<c>Host=...;Database=...</c>).</param>
    /// <param name="staleAfter">So long another Lighthouse must have been silent to be replaced.</param>
    /// <exception cref="FormatException">It is neither; the message says what is wrong, without secrets.</exception>
    public PostgresStore(string settings, TimeSpan staleAfter)
    {
        _staleAfter = staleAfter;
        var builder = PostgresSettings.Parse(settings);
        builder.Pooling = false; // sessions are kept here, and a claim must end with its connection
        builder.Timeout = ConnectSecondsMax;
        builder.CommandTimeout = CommandSecondsMax;
        builder.MaxAutoPrepare = PreparedMax;
        builder.AutoPrepareMinUsages = 2;
        builder.SearchPath = PostgresSchema.Name;
        builder.ApplicationName = "akc lighthouse";
        builder.Options = "-c synchronous_commit=on -c client_min_messages=warning";
        _connection = builder.ToString();
        Name = $"PostgreSQL database '{builder.Database}' at {builder.Host}:{builder.Port}";
    }

    /// <summary>The usual time.</summary>
    public PostgresStore(string settings)
        : this(settings, PostgresClaim.StaleAfter)
    {
    }

    public string Name { get; }

    // Shares the row: a takeover waits until this transaction has ended.
    public string FenceSql => "SELECT value FROM meta WHERE key = 'generation' FOR SHARE";

    public void Prepare()
    {
        var session = Connect();
        try
        {
            PostgresClaim.Take(session, Name, _staleAfter);
            PostgresSchema.Prepare(session, Name);
            _first = session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public SqlSession OpenWriter()
    {
        var session = _first;
        _first = null;
        if (session is null)
        {
            session = Connect();
            try
            {
                PostgresClaim.TakeAgain(session, _lastWriter);
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }

        _lastWriter = session.ServerProcess;
        return session;
    }

    public SqlSession OpenReader()
    {
        var session = Connect();
        try
        {
            session.Run("SET default_transaction_read_only = on");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public Exception Explain(Exception e, SqlUse use) => e switch
    {
        PostgresException { SqlState: DiskFull } => new PoolUnavailableException($"the disk of the {Name} is full: free some space there", diskFull: true, e),
        NpgsqlException or TimeoutException when use == SqlUse.Open => new PoolUnavailableException(
            $"the {Name} can't be used ({Reason(e)}): start it, or check AKC_JOURNAL", diskFull: false, e),
        NpgsqlException or TimeoutException or InvalidOperationException => new PoolUnavailableException(
            $"the {Name} can't be reached ({Reason(e)}): the pool goes on when it is back", diskFull: false, e),
        _ => e,
    };

    public void Dispose() => _first?.Dispose();

    private PostgresSession Connect()
    {
        var connection = new NpgsqlConnection(_connection);
        try
        {
            connection.Open();
            return new PostgresSession(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string Reason(Exception e) => e switch
    {
        PostgresException refused => refused.MessageText,
        { InnerException: { } inner } => inner.Message,
        _ => e.Message,
    };
}
