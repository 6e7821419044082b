using AkkaCompute.Lighthouse.Runtime;
using Npgsql;

namespace AkkaCompute.Lighthouse.Journal.Postgres;

/// <summary>
/// One Lighthouse a database: an advisory lock of the writer's session, which ends with its process. The lock only keeps a
/// second one from starting by mistake; the fence is the generation.
/// </summary>
/// <param name="staleAfter">So long another Lighthouse must have been silent to be replaced.</param>
internal sealed class PostgresClaim(string name, TimeSpan staleAfter)
{
    /// <summary>Longer silent than this it is dead, asleep or cut off: it speaks every <see cref="Pool.WatchEvery"/>.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(15);

    // "akka", and the number of this lock among its own.
    private const int Class = 0x616b6b61;
    private const int Key = 1;

    // An ended session has let go of its lock long before.
    private static readonly TimeSpan TakeTime = TimeSpan.FromSeconds(5);

    private Session? _last;
    private bool _held;

    /// <summary>Takes the journal, also from one who has been silent for long.</summary>
    /// <exception cref="PoolInUseException">Another Lighthouse has it, and lives.</exception>
    public void Take(PostgresSession session)
    {
        if (!TryLock(session))
        {
            if (Holder(session) is { } holder)
            {
                if (holder.Silent is not { } silent || silent < staleAfter)
                {
                    throw new PoolInUseException(
                        $"another Lighthouse{holder.From} uses the {name}: stop it there with 'akc down'; one that is cut off can be replaced after {staleAfter.TotalSeconds:0} s");
                }

                End(session, holder.Session);
            }

            if (!Wait(session))
            {
                throw new PoolInUseException($"another Lighthouse uses the {name} and doesn't let go of it: stop it there with 'akc down'");
            }
        }

        Held(session);
    }

    /// <summary>
    /// After the connection broke. The server may not know yet that it did: then its end is awaited, and with it that of a
    /// commit on its way. Whether the journal is still this process's own, the fence tells.
    /// </summary>
    public void TakeAgain(PostgresSession session)
    {
        _held = false;
        if (!TryLock(session))
        {
            if (Holder(session) is not { } holder || holder.Session != _last)
            {
                return; // Keep tries again
            }

            End(session, holder.Session);
            if (!Wait(session))
            {
                return;
            }
        }

        Held(session);
    }

    /// <summary>Takes it where it was lost and is free again.</summary>
    public void Keep(PostgresSession session)
    {
        if (!_held && TryLock(session))
        {
            Held(session);
        }
    }

    private void Held(PostgresSession session)
    {
        _held = true;
        _last = session.Read("SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()", Session.Of).Single();
    }

    private static bool TryLock(PostgresSession session) => (bool)session.Scalar("SELECT pg_try_advisory_lock($1, $2)", Class, Key)!;

    private static void End(PostgresSession session, Session other) => session.Scalar(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2", other.Process, other.Started);

    private static bool Wait(PostgresSession session)
    {
        session.Run($"SET lock_timeout = {TakeTime.TotalMilliseconds:0}");
        try
        {
            session.Scalar("SELECT pg_advisory_lock($1, $2)", Class, Key);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
        finally
        {
            session.Run("SET lock_timeout = 0");
        }
    }

    // A statement that runs is a sign of life. Of a session of another role PostgreSQL does not tell: it counts as alive.
    private static Holding? Holder(PostgresSession session)
    {
        var holders = session.Read(
            """
            SELECT a.pid, a.backend_start::text,
                CASE WHEN a.state = 'active' THEN 0 ELSE extract(epoch FROM clock_timestamp() - a.state_change)::double precision END,
                host(a.client_addr)
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.classid::bigint = $1 AND l.objid::bigint = $2 AND l.objsubid = 2 AND l.granted
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            row => new Holding(
                Session.Of(row), row.IsDBNull(2) ? null : TimeSpan.FromSeconds(row.GetDouble(2)), row.IsDBNull(3) ? "" : " at " + row.GetString(3)),
            (long)Class, (long)Key);
        return holders is [var only] ? only : null;
    }

    /// <summary>A process of the server, told from a later one of the same number.</summary>
    private sealed record Session(int Process, string Started)
    {
        public static Session Of(System.Data.Common.DbDataReader row) => new(row.GetInt32(0), row.IsDBNull(1) ? "" : row.GetString(1));
    }

    private sealed record Holding(Session Session, TimeSpan? Silent, string From);
}
