using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>What a Fleet has lent of each node, counted from what it said: nothing is granted that does not fit beside the rest.</summary>
internal sealed class LentLeases
{
    private readonly SortedDictionary<string, Resources> _offers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Lease> _granted = new(StringComparer.Ordinal);

    /// <summary>The last offer counts; what was granted before may be more.</summary>
    public void Offered(string node, NodeOffer offer) => _offers[node] = offer.Capacity;

    /// <summary>What the Fleet sent, in its order.</summary>
    public void Sent(IEnumerable<Envelope> outbox)
    {
        foreach (var sent in outbox)
        {
            if (sent.Message is LeaseEnded ended)
            {
                _granted.Remove(ended.LeaseId);
            }
            else if (sent.Message is LeaseGranted { Lease: var lease })
            {
                Promise.That(lease.Slots is > 0 and <= Resources.CoresMax, $"a lease of {lease.Slots} slots");
                _granted[lease.Id] = lease; // said again it is the same one
                var lent = _granted.Values.Where(l => l.NodeId == lease.NodeId).Aggregate(Resources.None, (sum, l) => sum.Plus(l.PerTask.Times(l.Slots)));
                Promise.That(lent.FitsIn(_offers[lease.NodeId]), $"{lent} is lent of {_offers[lease.NodeId]}");
            }
        }
    }
}
