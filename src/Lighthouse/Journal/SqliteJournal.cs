using AkkaCompute.Lighthouse.Runtime;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>The journal in one SQLite file: one connection writes, others read.</summary>
internal sealed class SqliteJournal : IJournal
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatements _statements;
    private readonly string _file;

    private SqliteJournal(string file, SqliteConnection connection)
    {
        _file = file;
        _connection = connection;
        Generation = SqliteSchema.TakeGeneration(connection);
        _statements = new SqliteStatements(connection);
        Readers = new SqliteReaders(file);
    }

    public long Generation { get; }

    public SqliteReaders Readers { get; }

    /// <exception cref="JournalFormatException">Of a newer akc, or no journal.</exception>
    /// <exception cref="PoolUnavailableException">It cannot be opened (disk full, no right to it).</exception>
    public static SqliteJournal Open(string file)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(SqliteSchema.ConnectionString(file, SqliteOpenMode.ReadWriteCreate));
        try
        {
            connection.Open();
            SqliteSchema.Prepare(connection, file);
            return new SqliteJournal(file, connection);
        }
        catch (Exception e)
        {
            connection.Dispose();
            throw e is SqliteException failure ? SqliteErrors.OnOpen(failure, file) : e;
        }
    }

    public void Commit(IReadOnlyList<JournalWrite> writes)
    {
        try
        {
            using var transaction = _connection.BeginTransaction(deferred: false);
            _statements.Use(transaction);
            if (_statements.ReadGeneration() != Generation)
            {
                throw new PoolUnavailableException(
                    "another Lighthouse has opened this pool's journal: this one writes nothing any more; stop it", diskFull: false);
            }

            foreach (var write in writes)
            {
                Write(write, transaction);
            }

            transaction.Commit();
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException)
        {
            throw SqliteErrors.OnCommit(e, _file);
        }
    }

    public void Read(string machine, Action<JournaledStep> step) => Readers.Run(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sequence, count, payload FROM events WHERE machine = $machine ORDER BY sequence";
        command.Parameters.AddWithValue("$machine", machine);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            step(new JournaledStep(reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<byte[]>(2)));
        }

        return 0;
    });

    public IReadOnlyList<string> UnfinishedJobs() => Readers.Run(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT job FROM job_views WHERE ended = 0 ORDER BY submitted_at, job";
        using var reader = command.ExecuteReader();
        var jobs = new List<string>();
        while (reader.Read())
        {
            jobs.Add(reader.GetString(0));
        }

        return jobs;
    });

    public void Dispose()
    {
        _statements.Dispose();
        Readers.Dispose();
        _connection.Dispose();
    }

    private void Write(JournalWrite write, SqliteTransaction transaction)
    {
        switch (write)
        {
            case JournalAppend append:
                if (!_statements.Insert(append))
                {
                    append.Failure = new JournalConflictException(append.Machine, append.ExpectedSequence);
                    return;
                }

                _statements.Project(append);
                break;
            case JournalAction action:
                RunAlone(action, transaction);
                break;
            default:
                throw new InvalidOperationException($"{write.GetType().Name} is no write of this journal");
        }
    }

    // What a stranger's write throws is its own: a savepoint keeps it from the others' commit. Where SQLite has
    // rolled back the whole transaction by itself (disk full), going on fails and so fails all.
    private static void RunAlone(JournalAction action, SqliteTransaction transaction)
    {
        transaction.Save("one");
        try
        {
            action.Run(transaction.Connection!, transaction);
        }
        catch (Exception e) when (!SqliteErrors.EndsTransaction(e))
        {
            action.Failure = e;
            transaction.Rollback("one");
        }

        transaction.Release("one");
    }
}
