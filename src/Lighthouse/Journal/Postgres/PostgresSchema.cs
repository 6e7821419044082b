namespace AkkaCompute.Lighthouse.Journal.Postgres;

/// <summary>The tables in PostgreSQL, and how those of earlier formats become today's.</summary>
internal static class PostgresSchema
{
    /// <summary>A schema of its own: the database may be used by others too.</summary>
    public const string Name = "akkacompute";

    // By the format that they lead to; the first that was ever in PostgreSQL is 2.
    private static readonly SortedDictionary<long, string> Steps = new() { [2] = Format2, [3] = Format3, [4] = Format4 };

    // Ids are ASCII and sorted as such.
    private const string Format2 = """
        CREATE TABLE meta (key text PRIMARY KEY, value bigint NOT NULL);
        CREATE TABLE events (
            machine text COLLATE "C" NOT NULL, sequence bigint NOT NULL, count integer NOT NULL, at bigint NOT NULL, payload bytea NOT NULL,
            PRIMARY KEY (machine, sequence));
        CREATE TABLE snapshots (machine text COLLATE "C" PRIMARY KEY, sequence bigint NOT NULL, at bigint NOT NULL, payload bytea NOT NULL);
        CREATE TABLE job_views (
            job text COLLATE "C" PRIMARY KEY, sequence bigint NOT NULL, state text NOT NULL, ended integer NOT NULL,
            submitted_at bigint NOT NULL, view bytea NOT NULL);
        CREATE INDEX job_views_by_time ON job_views (submitted_at, job);
        CREATE INDEX job_views_unfinished ON job_views (submitted_at, job) WHERE ended = 0;
        CREATE TABLE task_results (
            job text COLLATE "C" NOT NULL, task integer NOT NULL, attempt integer NOT NULL, state text NOT NULL, node text, exit_code integer,
            cause text, detail text, wall_ms double precision, cpu_ms double precision, memory_bytes bigint, output_bytes bigint NOT NULL,
            results text, PRIMARY KEY (job, task));
        CREATE TABLE inline_output (
            job text COLLATE "C" NOT NULL, task integer NOT NULL, attempt integer NOT NULL, first_segment integer NOT NULL,
            bytes bytea NOT NULL, PRIMARY KEY (job, task, attempt));
        CREATE TABLE identity (key text PRIMARY KEY, value text NOT NULL);
        CREATE TABLE members (
            id text PRIMARY KEY, kind text NOT NULL, name text NOT NULL, owner text NOT NULL, role text NOT NULL, verifier text,
            local integer NOT NULL, created bigint NOT NULL, revoked bigint);
        CREATE UNIQUE INDEX members_by_name ON members (kind, lower(name)) WHERE revoked IS NULL;
        CREATE UNIQUE INDEX members_by_verifier ON members (verifier) WHERE revoked IS NULL AND verifier IS NOT NULL;
        CREATE TABLE codes (id text PRIMARY KEY, key bytea NOT NULL, expires bigint NOT NULL, uses_left integer, role text NOT NULL);
        INSERT INTO meta (key, value) VALUES ('generation', 0), ('epoch', 0);
        """;

    // What was there before has none: nobody knows whether it is still what was written.
    private const string Format3 = "ALTER TABLE inline_output ADD COLUMN checksum bigint";

    private const string Format4 = "CREATE TABLE node_offers (node text PRIMARY KEY, connection bigint NOT NULL, seen bigint NOT NULL, offer text NOT NULL)";

    /// <summary>Checks the format before anything is changed, then takes the steps that are missing, all or none.</summary>
    /// <returns>The generation, which is one higher than before.</returns>
    /// <exception cref="JournalFormatException">Of a newer akc.</exception>
    public static long Prepare(PostgresSession session, string name)
    {
        var format = Exists(session) ? (long?)session.Scalar("SELECT value FROM meta WHERE key = 'format'") ?? 0 : 0;
        JournalFormat.Check(format, $"the {name}");
        using var transaction = session.Begin();
        if (format > 0)
        {
            session.Scalar("SELECT value FROM meta WHERE key = 'generation' FOR UPDATE"); // whoever has it has ended its commit
        }
        else if (session.Scalar("SELECT 1 FROM pg_namespace WHERE nspname = $1", Name) is null) // the right to make one may be missing where there is one
        {
            session.Run($"CREATE SCHEMA {Name}");
        }

        foreach (var (next, step) in Steps.Where(s => s.Key > format))
        {
            session.Run(step);
            session.Run("INSERT INTO meta (key, value) VALUES ('format', $1) ON CONFLICT (key) DO UPDATE SET value = $1", next);
        }

        var generation = (long)session.Scalar(JournalFormat.RaiseGeneration)!;
        transaction.Commit();
        return generation;
    }

    private static bool Exists(PostgresSession session) =>
        session.Scalar("SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'meta'", Name) is not null;
}
