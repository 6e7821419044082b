using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;

namespace AkkaCompute.Lighthouse.Join;

/// <summary>Which pool this is: the id was drawn once, the name is the latest.</summary>
internal sealed record PoolIdentity(string Id, string Name)
{
    public static Task<PoolIdentity> LoadAsync(PoolDatabase database, string name) => database.WriteAsync((connection, transaction) =>
    {
        using var draw = connection.Command(transaction, "INSERT OR IGNORE INTO identity (key, value) VALUES ('pool', $0)", Ids.New());
        draw.ExecuteNonQuery();
        using var read = connection.Command(transaction, "SELECT value FROM identity WHERE key = 'pool'");
        return new PoolIdentity((string)read.ExecuteScalar()!, name);
    });
}
