using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>The job's leases, by id and by node.</summary>
internal sealed class JobLeases
{
    private readonly SortedDictionary<string, JobLease> byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<JobLease>> byNode = new(StringComparer.Ordinal); // looked up, never walked
    private readonly SortedDictionary<string, int> busy = new(StringComparer.Ordinal); // leases with attempts, by the node's name
    private readonly HashSet<string> dropped = new(StringComparer.Ordinal); // looked up, never walked
    private readonly Queue<string> droppedInOrder = [];

    public IEnumerable<JobLease> All => byId.Values;

    /// <summary>Names of nodes that run something, in order.</summary>
    public IEnumerable<string> BusyNodes => busy.Keys;

    /// <summary>Tasks that may run at once on all of them.</summary>
    public int Slots { get; private set; }

    /// <summary>Items that all of them do in a second, in thousandths.</summary>
    public long MilliItemsPerSecond { get; private set; }

    /// <summary>Ids of leases that are over, the oldest first.</summary>
    public IReadOnlyList<string> Dropped => [.. droppedInOrder];

    /// <summary>Of nodes that have shown something, when there are several to compare.</summary>
    public IReadOnlyList<NodeSpeed> Speeds()
    {
        var shown = byId.Values.Where(l => l.Pace is { IsKnown: true, ItemMs: > 0 }).DistinctBy(l => l.Lease.NodeId).ToList();
        if (shown.Count < 2)
        {
            return [];
        }

        var mean = shown.Average(l => 1 / l.Pace.ItemMs);
        return [.. shown.Select(l => new NodeSpeed(l.Lease.NodeId, 1 / l.Pace.ItemMs / mean))];
    }

    public JobLease? Find(string id) => byId.GetValueOrDefault(id);

    public IReadOnlyList<JobLease> OnNode(string nodeId) => byNode.TryGetValue(nodeId, out var leases) ? leases : [];

    /// <summary>It was held and is over, or was declined: whatever is still said of it, no task goes onto it.</summary>
    public bool WasDropped(string id) => dropped.Contains(id);

    public JobLease AddOrRenew(Lease lease)
    {
        if (byId.TryGetValue(lease.Id, out var known))
        {
            Count(known, -1);
            known.Renew(lease);
            Count(known, 1);
            return known;
        }

        var added = new JobLease(lease);
        byId.Add(lease.Id, added);
        Count(added, 1);
        if (!byNode.TryGetValue(lease.NodeId, out var onNode))
        {
            byNode.Add(lease.NodeId, onNode = []);
        }

        onNode.Add(added);
        return added;
    }

    public void Add(JobLease lease, RunningAttempt attempt)
    {
        lease.Add(attempt);
        if (lease.Attempts.Count == 1)
        {
            lease.BusyAs = lease.Lease.NodeName;
            busy[lease.BusyAs] = busy.GetValueOrDefault(lease.BusyAs) + 1;
        }
    }

    public void Remove(RunningAttempt attempt)
    {
        var lease = attempt.Lease;
        lease.Remove(attempt);
        if (lease.Attempts.Count == 0 && --busy[lease.BusyAs] == 0)
        {
            busy.Remove(lease.BusyAs);
        }
    }

    public void Show(JobLease lease, ItemPace pace)
    {
        Count(lease, -1);
        lease.Pace = pace;
        Count(lease, 1);
    }

    public void Restore(JobLease lease, LeaseSnapshot snapshot)
    {
        Count(lease, -1);
        lease.Restore(snapshot);
        Count(lease, 1);
    }

    public void Drop(string id)
    {
        Remember(id);
        if (!byId.Remove(id, out var lease))
        {
            return;
        }

        if (lease.Attempts.Count > 0)
        {
            throw new InvalidOperationException($"lease {id} was dropped with {lease.Attempts.Count} attempts on it");
        }

        Count(lease, -1);
        var onNode = byNode[lease.Lease.NodeId];
        onNode.Remove(lease);
        if (onNode.Count == 0)
        {
            byNode.Remove(lease.Lease.NodeId);
        }
    }

    /// <summary>After a replay: whether a lease without attempts was given back is not in the journal, so it is not held.</summary>
    public void ForgetEmpty()
    {
        foreach (var lease in byId.Values.Where(l => l.Attempts.Count == 0).ToList())
        {
            Drop(lease.Lease.Id);
        }
    }

    private void Count(JobLease lease, int sign)
    {
        Slots += sign * lease.Lease.Slots;
        MilliItemsPerSecond += sign * lease.MilliItemsPerSecond;
    }

    private void Remember(string id)
    {
        if (dropped.Add(id))
        {
            droppedInOrder.Enqueue(id);
        }

        while (droppedInOrder.Count > JobLimits.DroppedLeasesMax)
        {
            dropped.Remove(droppedInOrder.Dequeue());
        }
    }
}
