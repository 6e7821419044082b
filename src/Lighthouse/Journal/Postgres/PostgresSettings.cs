using Npgsql;

namespace AkkaCompute.Lighthouse.Journal.Postgres;

/// <summary>How people name a PostgreSQL database.</summary>
internal static class PostgresSettings
{
    private const string Forms = "give it as postgres://USER@HOST:5432/DATABASE or as Host=HOST;Database=DATABASE;Username=USER";

    /// <summary>Reads both forms. Without a password Npgsql takes it from PGPASSWORD or ~/.pgpass.</summary>
    /// <exception cref="FormatException">The message says what is wrong, without the value.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string settings)
    {
        var builder = IsUri(settings) ? OfUri(settings) : OfKeywords(settings);
        if (string.IsNullOrEmpty(builder.Host))
        {
            throw new FormatException($"the journal's database has no host: {Forms}");
        }

        if (string.IsNullOrEmpty(builder.Database))
        {
            throw new FormatException($"the journal's database has no name: {Forms}");
        }

        return builder;
    }

    private static bool IsUri(string settings) =>
        settings.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || settings.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    // https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
    private static NpgsqlConnectionStringBuilder OfUri(string settings)
    {
        if (!Uri.TryCreate(settings, UriKind.Absolute, out var uri))
        {
            throw new FormatException($"the journal's address is no URI: {Forms}");
        }

        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')),
        };
        if (uri.Port > 0)
        {
            builder.Port = uri.Port;
        }

        if (uri.UserInfo.Length > 0)
        {
            var (user, password) = uri.UserInfo.Split(':', 2) is [var u, var p] ? (u, p) : (uri.UserInfo, null);
            builder.Username = Uri.UnescapeDataString(user);
            if (password is not null)
            {
                builder.Password = Uri.UnescapeDataString(password);
            }
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.Split('=', 2) is [var k, var v] ? (k, Uri.UnescapeDataString(v)) : (pair, "");
            Set(builder, key, value);
        }

        return builder;
    }

    private static void Set(NpgsqlConnectionStringBuilder builder, string key, string value)
    {
        var name = key switch
        {
            "sslmode" => "SSL Mode",
            "sslrootcert" => "Root Certificate",
            "sslcert" => "SSL Certificate",
            "sslkey" => "SSL Key",
            "host" => "Host", // a folder: a Unix socket
            "port" => "Port",
            "user" => "Username",
            "dbname" => "Database",
            "passfile" => "Passfile",
            "connect_timeout" => "Timeout",
            _ => throw new FormatException($"the journal's address has the unknown setting '{key}': known are sslmode, sslrootcert, sslcert, sslkey, host, port, user, dbname, passfile and connect_timeout"),
        };
        try
        {
            builder[name] = name == "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw new FormatException($"the journal's address has a wrong value for '{key}'", e);
        }
    }

    private static NpgsqlConnectionStringBuilder OfKeywords(string settings)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(settings);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException)
        {
            throw new FormatException($"the journal's address can't be read: {Forms}", e);
        }
    }
}
