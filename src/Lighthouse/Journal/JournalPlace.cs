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
    public const string InHome = "sqlite";

    private const string RememberedIn = "journal";

    /// <param name="folder">The home's <c>LighthouseFolder</c>.</param>
    /// <param name="setting">Null for the one of last time.</param>
    /// <exception cref="FormatException">The setting can't be read, or is not this home's journal.</exception>
    public static ISqlStore Open(string folder, string? setting)
    {
        var database = Path.Combine(folder, "pool.db");
        var remembered = Remembered(folder);
        var wanted = string.IsNullOrWhiteSpace(setting) ? remembered?.Setting ?? InHome : setting;
        if (wanted == InHome)
        {
            return remembered is null || File.Exists(database)
                ? new SqliteStore(database)
                : throw new FormatException("this home's pool is in a PostgreSQL database and would begin anew: leave AKC_JOURNAL out, or use another AKC_HOME");
        }

        return remembered is not null || !File.Exists(database)
            ? new PostgresStore(wanted)
            : throw new FormatException($"this home's pool is in {database} and would begin anew: leave AKC_JOURNAL out, or use another AKC_HOME");
    }

    /// <summary>Where any journal is that somebody wants to look at; nothing is begun there.</summary>
    /// <param name="setting">As for <see cref="Open"/>, or a file; null for the home's own.</param>
    /// <exception cref="FormatException">It can't be read.</exception>
    public static JournalSite Look(string folder, string? setting)
    {
        var remembered = Remembered(folder);
        var wanted = string.IsNullOrWhiteSpace(setting) ? remembered?.Setting ?? InHome : setting;
        if (wanted == InHome)
        {
            return new JournalSite(new SqliteStore(Path.Combine(folder, "pool.db")), folder);
        }

        if (IsFile(wanted))
        {
            var file = Path.GetFullPath(wanted);
            var beside = Path.GetDirectoryName(file)!;
            return new JournalSite(
                new SqliteStore(file), beside == folder || Directory.Exists(Path.Combine(beside, "outputs")) || Directory.Exists(Path.Combine(beside, "blobs")) ? beside : null);
        }

        return new JournalSite(new PostgresStore(wanted), remembered is null ? null : folder) { Pool = remembered?.PoolId };
    }

    /// <summary>No form of a database's address: a file's name.</summary>
    public static bool IsFile(string setting) => File.Exists(setting) || !(setting.Contains('=') || setting.Contains("://", StringComparison.Ordinal));

    /// <summary>The pool that a database must hold to be this home's; null when any will do, an empty one too.</summary>
    public static string? ExpectedPool(string folder) => Remembered(folder)?.PoolId;

    /// <summary>This home has run a Lighthouse with a journal somewhere.</summary>
    public static bool IsKnown(string folder) => Remembered(folder) is not null || File.Exists(Path.Combine(folder, "pool.db"));

    /// <summary>The next start without a setting opens the same.</summary>
    public static void Remember(string folder, string? setting, string poolId)
    {
        if (!string.IsNullOrWhiteSpace(setting) && setting != InHome && (setting, poolId) != Remembered(folder))
        {
            Home.WritePrivate(Path.Combine(folder, RememberedIn), Encoding.UTF8.GetBytes($"{setting}\n{poolId}\n"));
        }
    }

    private static (string Setting, string PoolId)? Remembered(string folder)
    {
        var file = Path.Combine(folder, RememberedIn);
        return File.Exists(file) && File.ReadAllLines(file) is [var setting, var poolId, ..] ? (setting, poolId) : null;
    }
}

/// <summary>A journal to look at.</summary>
/// <param name="Files">The folder with its outputs and blobs; null when nobody knows where they are.</param>
internal sealed record JournalSite(ISqlStore Store, string? Files)
{
    /// <summary>Whose the files are; null when they are the journal's for certain.</summary>
    public string? Pool { get; init; }
}
