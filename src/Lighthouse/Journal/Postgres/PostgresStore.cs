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

    private readonly string _connection;
    private readonly PostgresClaim _claim;
    private PostgresSession? _first; // what claimed the journal is its first writer

    /// <param name="settings">A URI (<c>postgres://user@host:5432/database</c>) or Npgsql's own form (<c>Host=...;Database=...</c>).</param>
    /// <param name="staleAfter">So long another Lighthouse must have been silent to be replaced.</param>
    /// <exception cref="FormatException">It is neither; the message says what is wrong, without secrets.</exception>
    public PostgresStore(string settings, TimeSpan staleAfter)
    {
        var builder = PostgresSettings.Parse(settings);
        builder.Pooling = false; // sessions are kept here, and a claim must end with its connection
        builder.Timeout = builder.ShouldSerialize("Timeout") ? builder.Timeout : ConnectSecondsMax;
        builder.CommandTimeout = builder.ShouldSerialize("Command Timeout") ? builder.CommandTimeout : CommandSecondsMax;
        builder.MaxAutoPrepare = PreparedMax;
        builder.AutoPrepareMinUsages = 2;
        builder.SearchPath = PostgresSchema.Name;
        builder.ApplicationName = "akc lighthouse";
        _connection = builder.ToString();
        Timeouts = (builder.Timeout, builder.CommandTimeout);
        Name = $"PostgreSQL database '{builder.Database}' at {builder.Host}:{builder.Port}";
        _claim = new PostgresClaim(Name, staleAfter);
    }

    /// <summary>The usual time.</summary>
    public PostgresStore(string settings)
        : this(settings, PostgresClaim.StaleAfter)
    {
    }

    public string Name { get; }

    /// <summary>For a connection and for a command, in seconds; 0 for none. Who gives some has a reason.</summary>
    public (int Connect, int Command) Timeouts { get; }

    // Shares the row: a takeover waits until this transaction has ended.
    public string FenceSql => "SELECT value FROM meta WHERE key = 'generation' FOR SHARE";

    public string HasIdentitySql => $"SELECT 1 FROM information_schema.tables WHERE table_schema = '{PostgresSchema.Name}' AND table_name = 'identity'";

    public long Prepare()
    {
        var session = ConnectWriter();
        try
        {
            _claim.Take(session);
            var generation = PostgresSchema.Prepare(session, Name);
            _first = session;
            return generation;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public SqlSession OpenWriter()
    {
        if (_first is { } first)
        {
            _first = null;
            return first;
        }

        var session = ConnectWriter();
        try
        {
            _claim.TakeAgain(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void KeepClaim(SqlSession writer) => _claim.Keep((PostgresSession)writer);

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

    public bool IsOfData(Exception e) => PostgresErrors.IsOfData(e);

    public Exception Explain(Exception e, SqlUse use) => PostgresErrors.Explain(e, use, Name);

    public void Dispose() => _first?.Dispose();

    private PostgresSession ConnectWriter()
    {
        var session = Connect();
        try
        {
            // Asleep in a transaction it would keep a lock that a Lighthouse in its place waits for.
            session.Run($"SET synchronous_commit = on; SET idle_in_transaction_session_timeout = {PostgresClaim.StaleAfter.TotalMilliseconds:0}");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

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
}
