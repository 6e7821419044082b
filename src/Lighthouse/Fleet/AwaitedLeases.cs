using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>By node: leases of an earlier Fleet that their jobs hold and that no node has reported to this one.</summary>
internal sealed class AwaitedLeases
{
    private readonly Dictionary<string, SortedDictionary<string, Lease>> byNode = new(StringComparer.Ordinal); // looked up, never walked

    /// <summary>By id.</summary>
    public IReadOnlyCollection<Lease> Of(string nodeId) => byNode.TryGetValue(nodeId, out var leases) ? leases.Values : [];

    public void Add(Lease lease)
    {
        if (!byNode.TryGetValue(lease.NodeId, out var leases))
        {
            byNode.Add(lease.NodeId, leases = new SortedDictionary<string, Lease>(StringComparer.Ordinal));
        }

        leases[lease.Id] = lease;
    }

    public void Remove(Lease lease)
    {
        if (byNode.TryGetValue(lease.NodeId, out var leases) && leases.Remove(lease.Id) && leases.Count == 0)
        {
            byNode.Remove(lease.NodeId);
        }
    }
}
