using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;

namespace AkkaCompute.Lighthouse.Join;

/// <summary>Which pool this is: the id was drawn once, the name is the latest.</summary>
internal sealed record PoolIdentity(string Id, string Name)
{
    public static Task<PoolIdentity> LoadAsync(PoolDatabase database, string name) => database.WriteAsync(session =>
    {
        session.Run("INSERT INTO identity (key, value) VALUES ('pool', $1) ON CONFLICT DO NOTHING", Ids.New());
        return new PoolIdentity((string)session.Scalar("SELECT value FROM identity WHERE key = 'pool'")!, name);
    });
}
