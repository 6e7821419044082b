using System.Text;
using AkkaCompute.Lighthouse.Journal.Postgres;
using AkkaCompute.Lighthouse.Journal.Sqlite;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>
/// Where a home's journal is: <c>pool.db</c> in its Lighthouse's folder, or a PostgreSQL database. The home remembers a
/// database, so that no later start begins an empty pool beside it.
/// </summary>
internal static class JournalPlace
{
    /// <summary>The setting that means the file in the home.</summary>
    public const string File = "sqlite";

    private const string RememberedIn = "journal";

    /// <param name="folder">The home's <c>LighthouseFolder</c>.</param>
    /// <param name="setting">Null for the one of last time.</param>
    /// <exception cref="FormatException">The setting can't be read, or is not this home's journal.</exception>
    public static ISqlStore Open(string folder, string? setting)
    {
        var database = Path.Combine(folder, "pool.db");
        var remembered = Remembered(folder);
        var wanted = string.IsNullOrWhiteSpace(setting) ? remembered ?? File : setting;
        if (wanted == File)
        {
            return remembered is null || System.IO.File.Exists(database)
                ? new SqliteStore(database)
                : throw new FormatException("this home's pool is in a PostgreSQL database and would begin anew: leave AKC_JOURNAL out, or use another AKC_HOME");
        }

        return remembered is not null || !System.IO.File.Exists(database)
            ? new PostgresStore(wanted)
            : throw new FormatException($"this home's pool is in {database} and would begin anew: leave AKC_JOURNAL out, or use another AKC_HOME");
    }

    /// <summary>The next start without a setting opens the same.</summary>
    public static void Remember(string folder, string? setting)
    {
        if (!string.IsNullOrWhiteSpace(setting) && setting != File && setting != Remembered(folder))
        {
            Home.WritePrivate(Path.Combine(folder, RememberedIn), Encoding.UTF8.GetBytes(setting));
        }
    }

    private static string? Remembered(string folder)
    {
        var file = Path.Combine(folder, RememberedIn);
        return System.IO.File.Exists(file) ? System.IO.File.ReadAllText(file).Trim() : null;
    }
}
