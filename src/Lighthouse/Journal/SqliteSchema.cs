using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>The tables, and how a connection is set up.</summary>
internal static class SqliteSchema
{
    /// <summary>Grows when an older akc could not read what this one writes.</summary>
    public const long Format = 1;

    // 4,000 pages of 4 KiB: a checkpoint costs two fsyncs and copies each page once, however often it was written since the last.
    private const int CheckpointPages = 4000;

    // What stays of the log file after a checkpoint.
    private const long LogBytesKept = 64L * 1024 * 1024;

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS events (
            machine TEXT NOT NULL, sequence INTEGER NOT NULL, count INTEGER NOT NULL, at INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE UNIQUE INDEX IF NOT EXISTS events_by_machine ON events (machine, sequence, count);
        CREATE TABLE IF NOT EXISTS job_views (
            job TEXT PRIMARY KEY, sequence INTEGER NOT NULL, state TEXT NOT NULL, ended INTEGER NOT NULL,
            submitted_at INTEGER NOT NULL, view BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS job_views_by_time ON job_views (submitted_at, job);
        CREATE INDEX IF NOT EXISTS job_views_unfinished ON job_views (submitted_at, job) WHERE ended = 0;
        CREATE TABLE IF NOT EXISTS task_results (
            job TEXT NOT NULL, task INTEGER NOT NULL, attempt INTEGER NOT NULL, state TEXT NOT NULL, node TEXT, exit_code INTEGER,
            cause TEXT, detail TEXT, wall_ms REAL, cpu_ms REAL, memory_bytes INTEGER, output_bytes INTEGER NOT NULL, results TEXT,
            PRIMARY KEY (job, task)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS inline_output (
            job TEXT NOT NULL, task INTEGER NOT NULL, attempt INTEGER NOT NULL, first_segment INTEGER NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY (job, task, attempt)) WITHOUT ROWID;
        INSERT OR IGNORE INTO meta (key, value) VALUES ('generation', 0), ('epoch', 0);
        """;

    // Pooling would keep files open that are thought closed.
    public static string ConnectionString(string file, SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 30 }.ToString();

    /// <summary>Checks the format before anything is changed, then makes what is missing.</summary>
    /// <exception cref="JournalFormatException">Of a newer akc.</exception>
    public static void Prepare(SqliteConnection connection, string file)
    {
        if (Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'meta'") > 0
            && Scalar(connection, "SELECT value FROM meta WHERE key = 'format'") is var format and not Format)
        {
            throw new JournalFormatException($"{file} has format {format}, this akc knows {Format}: upgrade akc on this machine");
        }

        Execute(connection, $"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {CheckpointPages}; PRAGMA journal_size_limit = {LogBytesKept}; PRAGMA foreign_keys = OFF;");
        using var transaction = connection.BeginTransaction(deferred: false);
        Execute(connection, Tables);
        Execute(connection, $"INSERT OR IGNORE INTO meta (key, value) VALUES ('format', {Format})");
        transaction.Commit();
    }

    /// <summary>One higher than every opening before this; those write nothing from now on.</summary>
    public static long TakeGeneration(SqliteConnection connection) =>
        Scalar(connection, "UPDATE meta SET value = value + 1 WHERE key = 'generation' RETURNING value");

    /// <summary>One higher than that of every Fleet before.</summary>
    public static long TakeEpoch(SqliteConnection connection) =>
        Scalar(connection, "UPDATE meta SET value = value + 1 WHERE key = 'epoch' RETURNING value");

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long? ?? 0;
    }
}
