using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Sqlite;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>
/// Whether a home and a journal belong together, asked before anything is changed in either: a pool that lost a part must not
/// begin anew without a word, and nobody's pool is taken over by a slip.
/// </summary>
internal static class HomeCheck
{
    /// <param name="folder">The home's <c>LighthouseFolder</c>.</param>
    /// <param name="newKey">Whoever starts it wants a lost key to be made anew.</param>
    /// <exception cref="LighthouseStartException">They don't; the message says what to do.</exception>
    /// <exception cref="Runtime.PoolUnavailableException">The journal can't be asked.</exception>
    public static void Check(string folder, ISqlStore store, bool newKey)
    {
        var key = PoolCertificate.FileIn(folder);
        var hasKey = PoolCertificate.IsIn(folder);
        if (store is SqliteStore && IsLost(store.Name) is { } lost)
        {
            if (hasKey)
            {
                throw new LighthouseStartException(
                    $"this home's journal {store.Name} is {lost}, and it had a pool: restore a backup, or delete {key} to begin a new pool here", StartFailure.Storage);
            }

            return;
        }

        var pool = PoolIn(store);
        if (JournalPlace.ExpectedPool(folder) is { } expected && store is not SqliteStore && pool != expected)
        {
            throw new LighthouseStartException(PoolIdentity.NotThisHomes(pool), StartFailure.Setting);
        }

        if (pool is null && hasKey && store is not SqliteStore)
        {
            throw new LighthouseStartException(
                $"the {store.Name} holds no pool, and this home's key is one's: check AKC_JOURNAL, or delete {key} to begin a new pool there", StartFailure.Setting);
        }

        if (pool is not null && !hasKey && !newKey)
        {
            throw JournalPlace.IsKnown(folder)
                ? new LighthouseStartException(
                    $"the pool's key {key} is {(File.Exists(key) ? "empty" : "missing")}, by which its nodes and friends know it: restore it from a backup; " +
                    "'akc up --new-key' makes another, and all of them have to join again",
                    StartFailure.Storage)
                : new LighthouseStartException(
                    $"the {store.Name} holds the pool of another home: to take it over, copy that home's folder 'lighthouse' to {folder} first; for a pool of your own " +
                    "name another database; where that home is lost, 'akc up --new-key' takes over without its files, and nodes and friends have to join again",
                    StartFailure.Setting);
        }
    }

    /// <summary>Null when it is there; what it holds is asked later.</summary>
    private static string? IsLost(string file) =>
        SqliteFile.Complaint(file) is not null || File.Exists(file + "-wal") ? null
        : !File.Exists(file) ? "missing"
        : new FileInfo(file).Length == 0 ? "empty" : null;

    private static string? PoolIn(ISqlStore store)
    {
        try
        {
            using var session = store.OpenReader();
            return session.Scalar(store.HasIdentitySql) is null ? null : session.Scalar("SELECT value FROM identity WHERE key = 'pool'") as string;
        }
        catch (Exception e)
        {
            throw store.Explain(e, SqlUse.Open);
        }
    }
}
