namespace AkkaCompute.Lighthouse.Journal.Sqlite;

/// <summary>The tables in SQLite, and how those of earlier formats become today's.</summary>
internal static class SqliteSchema
{
    // 4,000 pages of 4 KiB: a checkpoint costs two fsyncs and copies each page once, however often it was written since the last.
    private const int CheckpointPages = 4000;

    // What stays of the log file after a checkpoint.
    private const long LogBytesKept = 64L * 1024 * 1024;

    // By the format that they lead to.
    private static readonly SortedDictionary<long, string> Steps = new() { [1] = Format1, [2] = Format2, [3] = Format3, [4] = Format4 };

    public static string WriterSettings { get; } =
        $"PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {CheckpointPages}; PRAGMA journal_size_limit = {LogBytesKept}; PRAGMA foreign_keys = OFF;";

    private const string Format1 = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE events (
            machine TEXT NOT NULL, sequence INTEGER NOT NULL, count INTEGER NOT NULL, at INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE UNIQUE INDEX events_by_machine ON events (machine, sequence, count);
        CREATE TABLE job_views (
            job TEXT PRIMARY KEY, sequence INTEGER NOT NULL, state TEXT NOT NULL, ended INTEGER NOT NULL,
            submitted_at INTEGER NOT NULL, view BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX job_views_by_time ON job_views (submitted_at, job);
        CREATE INDEX job_views_unfinished ON job_views (submitted_at, job) WHERE ended = 0;
        CREATE TABLE task_results (
            job TEXT NOT NULL, task INTEGER NOT NULL, attempt INTEGER NOT NULL, state TEXT NOT NULL, node TEXT, exit_code INTEGER,
            cause TEXT, detail TEXT, wall_ms REAL, cpu_ms REAL, memory_bytes INTEGER, output_bytes INTEGER NOT NULL, results TEXT,
            PRIMARY KEY (job, task)) WITHOUT ROWID;
        CREATE TABLE inline_output (
            job TEXT NOT NULL, task INTEGER NOT NULL, attempt INTEGER NOT NULL, first_segment INTEGER NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY (job, task, attempt)) WITHOUT ROWID;
        INSERT INTO meta (key, value) VALUES ('generation', 0), ('epoch', 0);
        """;

    // The tables of who belongs to the pool were made apart from the format before, or not yet.
    private const string Format2 = """
        CREATE TABLE snapshots (machine TEXT PRIMARY KEY, sequence INTEGER NOT NULL, at INTEGER NOT NULL, payload BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS identity (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS members (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, owner TEXT NOT NULL, role TEXT NOT NULL,
            verifier TEXT, local INTEGER NOT NULL, created INTEGER NOT NULL, revoked INTEGER) WITHOUT ROWID;
        DROP INDEX IF EXISTS members_by_name;
        CREATE UNIQUE INDEX members_by_name ON members (kind, lower(name)) WHERE revoked IS NULL;
        CREATE UNIQUE INDEX IF NOT EXISTS members_by_verifier ON members (verifier) WHERE revoked IS NULL AND verifier IS NOT NULL;
        CREATE TABLE IF NOT EXISTS codes (
            id TEXT PRIMARY KEY, key BLOB NOT NULL, expires INTEGER NOT NULL, uses_left INTEGER, role TEXT NOT NULL) WITHOUT ROWID;
        """;

    // What was there before has none: nobody knows whether it is still what was written.
    private const string Format3 = "ALTER TABLE inline_output ADD COLUMN checksum INTEGER";

    private const string Format4 =
        "CREATE TABLE node_offers (node TEXT PRIMARY KEY, connection INTEGER NOT NULL, seen INTEGER NOT NULL, offer TEXT NOT NULL) WITHOUT ROWID";

    /// <summary>Checks the format before anything is changed, then takes the steps that are missing, all or none.</summary>
    /// <returns>The generation, which is one higher than before.</returns>
    /// <exception cref="JournalFormatException">Of a newer akc.</exception>
    public static long Prepare(SqliteSession session, string file)
    {
        var isNew = session.Scalar("SELECT 1 FROM sqlite_master WHERE name = 'meta'") is null;
        var format = isNew ? 0 : (long?)session.Scalar("SELECT value FROM meta WHERE key = 'format'") ?? 0;
        JournalFormat.Check(format, file);
        session.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        using var transaction = session.Begin();
        foreach (var (next, step) in Steps.Where(s => s.Key > format))
        {
            session.Run(step);
            session.Run("INSERT INTO meta (key, value) VALUES ('format', $1) ON CONFLICT (key) DO UPDATE SET value = $1", next);
        }

        var generation = (long)session.Scalar(JournalFormat.RaiseGeneration)!;
        transaction.Commit();
        return generation;
    }
}
