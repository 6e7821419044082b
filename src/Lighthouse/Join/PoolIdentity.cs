using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Lighthouse.Join;

/// <summary>Which pool this is: the id was drawn once, the name is the latest.</summary>
internal sealed record PoolIdentity(string Id, string Name)
{
    /// <param name="expected">Null for whichever pool it is, a new one too.</param>
    /// <exception cref="RefusedException">It is another pool, or none.</exception>
    public static Task<PoolIdentity> LoadAsync(PoolDatabase database, string name, string? expected) => database.WriteAsync(session =>
    {
        var id = (string?)session.Scalar("SELECT value FROM identity WHERE key = 'pool'");
        if (expected is not null && id != expected)
        {
            throw new RefusedException(new Refusal(ProblemCodes.Conflict, NotThisHomes(id)));
        }

        if (id is null)
        {
            session.Run("INSERT INTO identity (key, value) VALUES ('pool', $1)", id = Ids.New());
        }

        return new PoolIdentity(id, name);
    });

    /// <param name="id">What the database holds; null for no pool.</param>
    public static string NotThisHomes(string? id) =>
        $"this database holds {(id is null ? "no pool" : "another pool")} and not this home's: check AKC_JOURNAL, leave it out for the database of last time, or use another AKC_HOME";
}
