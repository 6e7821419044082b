using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal.Sqlite;

/// <summary>One file. Who may open it is the folder's business: <see cref="PoolLock"/>.</summary>
internal sealed class SqliteStore : ISqlStore
{
    private readonly string _file;

    public SqliteStore(string file)
    {
        SQLitePCL.Batteries_V2.Init();
        _file = file;
    }

    public string Name => _file;

    // The transaction has the file's write lock already.
    public string FenceSql => "SELECT value FROM meta WHERE key = 'generation'";

    public string HasIdentitySql => "SELECT 1 FROM sqlite_master WHERE name = 'identity'";

    public long Prepare()
    {
        using var session = new SqliteSession(Open(SqliteOpenMode.ReadWriteCreate));
        return SqliteSchema.Prepare(session, _file);
    }

    public void KeepClaim(SqlSession writer)
    {
    }

    public SqlSession OpenWriter()
    {
        var session = new SqliteSession(Open(SqliteOpenMode.ReadWrite));
        try
        {
            session.Run(SqliteSchema.WriterSettings);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public SqlSession OpenReader()
    {
        var session = new SqliteSession(Open(SqliteOpenMode.ReadWrite)); // a reader of a WAL writes to its index
        try
        {
            session.Run("PRAGMA query_only = ON");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public bool IsOfData(Exception e) => SqliteErrors.IsOfData(e);

    public Exception Explain(Exception e, SqlUse use) => use switch
    {
        SqlUse.Open when e is SqliteException failure => SqliteErrors.OnOpen(failure, _file),
        SqlUse.Read when e is SqliteException failure => SqliteErrors.OnRead(failure, _file),
        SqlUse.Commit when e is SqliteException or InvalidOperationException => SqliteErrors.OnCommit(e, _file),
        _ => e,
    };

    public void Dispose()
    {
    }

    private SqliteConnection Open(SqliteOpenMode mode)
    {
        if (SqliteFile.Complaint(_file) is { } complaint)
        {
            throw new JournalFormatException(complaint);
        }

        // Pooling would keep files open that are thought closed.
        var settings = new SqliteConnectionStringBuilder { DataSource = _file, Mode = mode, Pooling = false, DefaultTimeout = 30 };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
