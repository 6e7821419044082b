using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace AkkaCompute.Lighthouse.Journal.Postgres;

/// <summary>Why a server gives no connection, and what to do (https://www.postgresql.org/docs/current/errcodes-appendix.html).</summary>
internal static class PostgresCause
{
    private const string WrongPassword = "28P01";
    private const string NotLetIn = "28000";
    private const string NoDatabase = "3D000";
    private const string NotAllowed = "42501";
    private const string TooManyConnections = "53300";
    private const string ComingUpOrGoingDown = "57P03";
    private const string ShutDownByAdmin = "57P01";

    /// <summary>What is wrong and what to do about it, as half a sentence each.</summary>
    public static (string What, string Todo) Of(Exception e) => e switch
    {
        PostgresException { SqlState: WrongPassword } => ("it refuses the password", "correct it in AKC_JOURNAL, PGPASSWORD or ~/.pgpass"),
        PostgresException { SqlState: NotLetIn } refused => (refused.MessageText, "check the user's name in AKC_JOURNAL, and the server's pg_hba.conf"),
        PostgresException { SqlState: NoDatabase } => ("the server has no such database", "make it with createdb, or correct its name in AKC_JOURNAL"),
        PostgresException { SqlState: NotAllowed } refused => (refused.MessageText, "give the user that right (GRANT CREATE ON DATABASE), or name another user in AKC_JOURNAL"),
        PostgresException { SqlState: TooManyConnections } => ("it has no connection left", "close some there, or raise its max_connections"),
        PostgresException { SqlState: ComingUpOrGoingDown or ShutDownByAdmin } refused => (refused.MessageText, "wait until it is up"),
        PostgresException refused => (refused.MessageText, "see the server's log"),
        _ => OfConnection(e),
    };

    private static (string What, string Todo) OfConnection(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return ("no host of that name is known", "correct it in AKC_JOURNAL, or see to the name's resolution");
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return ("connection refused: no server listens there", "start PostgreSQL, or correct host and port in AKC_JOURNAL");
                case SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable }:
                case TimeoutException:
                    return ("it does not answer", "see to the network and the server's firewall, or correct its host in AKC_JOURNAL");
                case AuthenticationException:
                    return ($"no encrypted connection: {cause.Message.TrimEnd('.')}", "check sslmode and the certificates");
                case NpgsqlException { InnerException: null } when cause.Message.Contains("password", StringComparison.OrdinalIgnoreCase):
                    return ("it asks for a password and none is given", "put one into PGPASSWORD or ~/.pgpass");
            }
        }

        return ((e.InnerException ?? e).Message.TrimEnd('.'), "start it, or check AKC_JOURNAL");
    }
}
