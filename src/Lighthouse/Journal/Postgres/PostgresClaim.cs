using AkkaCompute.Lighthouse.Runtime;

namespace AkkaCompute.Lighthouse.Journal.Postgres;

/// <summary>
/// One Lighthouse a database: an advisory lock of the writer's session, which ends with its process. The lock only keeps a
/// second one from starting by mistake; the fence is the generation.
/// </summary>
internal static class PostgresClaim
{
    /// <summary>Longer silent than this it is dead, asleep or cut off: it asks every <see cref="Pool.WatchEvery"/> whether the journal is still its own.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(15);

    // "akka", and the number of this lock among its own.
    private const int Class = 0x616b6b61;
    private const int Key = 1;

    private static readonly TimeSpan TakeTime = TimeSpan.FromSeconds(5);

    /// <summary>Takes the journal, also from one who has been silent for long.</summary>
    /// <exception cref="PoolInUseException">Another Lighthouse has it, and lives.</exception>
    public static void Take(PostgresSession session, string name, TimeSpan staleAfter)
    {
        if (TryLock(session))
        {
            return;
        }

        if (Holder(session) is { } holder)
        {
            if (holder.Silent is not { } silent || silent < staleAfter)
            {
                throw new PoolInUseException(
                    $"another Lighthouse{holder.From} uses the {name}: stop it there with 'akc down'; one that is cut off can be replaced after {staleAfter.TotalSeconds:0} s");
            }

            End(session, holder.Process);
        }

        Wait(session, name);
    }

    /// <summary>After the connection broke. Whether the journal is still this process's own, the fence tells.</summary>
    /// <param name="last">The server's process of the last connection, which may not know yet that it broke.</param>
    public static void TakeAgain(PostgresSession session, int? last)
    {
        if (!TryLock(session) && Holder(session) is { } holder && holder.Process == last)
        {
            End(session, holder.Process);
        }
    }

    private static bool TryLock(PostgresSession session) => (bool)session.Scalar("SELECT pg_try_advisory_lock($1, $2)", Class, Key)!;

    private static void End(PostgresSession session, int process) => session.Scalar("SELECT pg_terminate_backend($1)", process);

    private static void Wait(PostgresSession session, string name)
    {
        try
        {
            session.Run($"SET lock_timeout = {TakeTime.TotalMilliseconds:0}");
            session.Scalar("SELECT pg_advisory_lock($1, $2)", Class, Key);
            session.Run("SET lock_timeout = 0");
        }
        catch (Npgsql.PostgresException e) when (e.SqlState == Npgsql.PostgresErrorCodes.LockNotAvailable)
        {
            throw new PoolInUseException($"another Lighthouse uses the {name} and doesn't let go of it: stop it there with 'akc down'", e);
        }
    }

    // Of a session of another role PostgreSQL does not tell how long it has been silent: it counts as alive.
    private static (int Process, TimeSpan? Silent, string From)? Holder(PostgresSession session)
    {
        var holders = session.Read(
            """
            SELECT a.pid, extract(epoch FROM clock_timestamp() - a.state_change)::double precision, host(a.client_addr)
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.classid::bigint = $1 AND l.objid::bigint = $2 AND l.objsubid = 2 AND l.granted
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            row => (
                row.GetInt32(0), row.IsDBNull(1) ? (TimeSpan?)null : TimeSpan.FromSeconds(row.GetDouble(1)),
                row.IsDBNull(2) ? "" : " at " + row.GetString(2)),
            (long)Class, (long)Key);
        return holders is [var only] ? only : null;
    }
}
