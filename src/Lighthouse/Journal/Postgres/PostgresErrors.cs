using AkkaCompute.Lighthouse.Runtime;
using Npgsql;

namespace AkkaCompute.Lighthouse.Journal.Postgres;

/// <summary>What PostgreSQL's failures mean to the pool (https://www.postgresql.org/docs/current/errcodes-appendix.html).</summary>
internal static class PostgresErrors
{
    private const string DiskFull = "53100";

    /// <summary>It is short of something, goes down, or its disk fails: another statement would fare no better.</summary>
    public static bool IsOfServer(Exception e) => e is PostgresException { SqlState: ['5', '3' or '7' or '8', ..] };

    /// <summary>A value that does not go into its column, or not beside the others.</summary>
    public static bool IsOfData(Exception e) =>
        e is PostgresException { SqlState: ['2', '2' or '3', ..] } or ArgumentException or InvalidCastException;

    public static Exception Explain(Exception e, SqlUse use, string name) => e switch
    {
        PostgresException { SqlState: DiskFull } => new PoolUnavailableException($"the disk of the {name} is full: free some space there", diskFull: true, e),
        NpgsqlException or TimeoutException => new PoolUnavailableException(Say(PostgresCause.Of(e), use, e, name), diskFull: false, e),
        _ => e,
    };

    private static string Say((string What, string Todo) cause, SqlUse use, Exception e, string name) =>
        use == SqlUse.Open ? $"the {name} can't be used ({cause.What}): {cause.Todo}"
        : e is PostgresException && !IsOfServer(e) && !IsOfConnecting(e) ? $"the {name} refused a statement ({cause.What})"
        : $"the {name} can't be used ({cause.What}): {cause.Todo}; the pool goes on by itself then";

    // Refused at the door: invalid authorization, no such database.
    private static bool IsOfConnecting(Exception e) => e is PostgresException { SqlState: ['2', '8', ..] or ['3', 'D', ..] };
}
