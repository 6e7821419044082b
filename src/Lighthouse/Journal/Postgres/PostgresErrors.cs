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
        NpgsqlException or TimeoutException when use == SqlUse.Open => new PoolUnavailableException(
            $"the {name} can't be used ({Reason(e)}): start it, or check AKC_JOURNAL", diskFull: false, e),
        PostgresException refused when !IsOfServer(e) => new PoolUnavailableException(
            $"the {name} refused a statement ({Reason(refused)})", diskFull: false, e),
        NpgsqlException or TimeoutException => new PoolUnavailableException(
            $"the {name} can't be reached ({Reason(e)}): the pool goes on when it is back", diskFull: false, e),
        _ => e,
    };

    private static string Reason(Exception e) => e switch
    {
        PostgresException refused => refused.MessageText,
        { InnerException: { } inner } => inner.Message,
        _ => e.Message,
    };
}
