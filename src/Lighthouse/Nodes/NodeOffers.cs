using System.Text.Json;
using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>What the pool's nodes last offered and when they were last seen, so that a new Fleet can name those that are away.</summary>
internal sealed class NodeOffers(PoolDatabase database)
{
    /// <summary>A Lighthouse that is killed takes a node for away since so long ago at the most; a thousand nodes write twice a second.</summary>
    public static readonly TimeSpan NoteEvery = TimeSpan.FromMinutes(10);

    /// <summary>Never throws for a journal that takes no writes now: an older note names the node as well.</summary>
    /// <param name="connection">What a later session of the node noted stays.</param>
    public async Task NoteAsync(string nodeId, long connection, NodeOffer offer, DateTimeOffset seen)
    {
        var json = JsonSerializer.Serialize(offer, ProtocolJson.Default.NodeOffer);
        try
        {
            await database.WriteAsync(session => session.Run(
                """
                INSERT INTO node_offers (node, connection, seen, offer) VALUES ($1, $2, $3, $4)
                ON CONFLICT (node) DO UPDATE SET connection = excluded.connection, seen = excluded.seen, offer = excluded.offer
                WHERE node_offers.connection <= excluded.connection
                """,
                nodeId, connection, seen.ToUnixTimeMilliseconds(), json));
        }
        catch (Runtime.PoolUnavailableException)
        {
            // the writer has logged it
        }
    }

    /// <summary>Members that lend a node and have been here, the last seen first.</summary>
    /// <exception cref="Runtime.PoolUnavailableException">The database cannot be read now.</exception>
    public Task<List<KnownNode>> ReadAsync(CancellationToken cancel) => database.ReadAsync(
        session =>
        {
            var nodes = new List<KnownNode>();
            session.Each(
                """
                SELECT m.id, m.name, m.owner, o.seen, o.offer FROM node_offers o JOIN members m ON m.id = o.node
                WHERE m.revoked IS NULL AND m.kind = 'Node' AND o.seen BETWEEN 0 AND $2 ORDER BY o.seen DESC, m.id LIMIT $1
                """,
                row =>
                {
                    if (Parse(row.GetString(4)) is { } offer)
                    {
                        nodes.Add(new KnownNode(row.GetString(0), row.GetString(1), row.GetString(2), offer, DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3))));
                    }
                },
                (long)FleetLimits.OfflineMax, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
            return nodes;
        },
        cancel);

    /// <summary>Null when it is none: the node will say it anew.</summary>
    public static NodeOffer? Parse(string json)
    {
        try
        {
            var offer = JsonSerializer.Deserialize(json, ProtocolJson.Default.NodeOffer);
            return InboundCheck.IsSound(offer) ? offer : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
