using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>A job's need and what it has got.</summary>
internal sealed class FleetDemand(Demand demand, DateTimeOffset at)
{
    private readonly SortedDictionary<string, Lease> leases = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Lease> awaited = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> paused = new(StringComparer.Ordinal); // by node; looked up, never walked
    private int awaitedSlots;

    public string JobId { get; } = demand.JobId;

    /// <summary>Place in the queue.</summary>
    public long Order { get; } = demand.Order;

    public string Owner { get; } = demand.Owner;

    public int Priority { get; } = demand.Priority;

    /// <summary>Since when the job has waited and held nothing; null while it holds something, or wants nothing.</summary>
    public DateTimeOffset? NothingSince { get; private set; }

    /// <summary>As the supervisor last said; <see cref="Demand.SlotsWanted"/> less what it gave back since.</summary>
    public Demand Demand { get; private set; } = demand;

    public Need Need { get; private set; } = Need.Of(demand);

    public int SlotsWanted { get; private set; }

    public DateTimeOffset Due { get; private set; } = at;

    public int SlotsGranted { get; private set; }

    public int SlotsMissing => Math.Max(0, SlotsWanted - SlotsGranted - awaitedSlots);

    public IReadOnlyCollection<Lease> Leases => leases.Values;

    /// <summary>Leases that the job holds and that this Fleet waits to hear of from their nodes: nothing else is lent for them.</summary>
    public IReadOnlyCollection<Lease> Awaited => awaited.Values;

    /// <returns>True if more may be placed than after the last one.</returns>
    public bool Heard(Demand demand, IReadOnlyList<Lease> nowAwaited, DateTimeOffset at)
    {
        var before = SlotsMissing;
        var changed = !Need.Asks(demand) || !demand.Avoid.SequenceEqual(Demand.Avoid);
        Demand = demand;
        SlotsWanted = demand.SlotsWanted;
        awaited.Clear();
        foreach (var lease in nowAwaited)
        {
            awaited[lease.Id] = lease;
        }

        awaitedSlots = awaited.Values.Sum(l => l.Slots);
        NothingSince = SlotsGranted > 0 || SlotsMissing == 0 ? null : NothingSince ?? at;
        Due = at + TimeSpan.FromSeconds(Demand.ExpireSeconds);
        if (changed)
        {
            Need = Need.Of(demand);
        }

        return SlotsMissing > before || (changed && SlotsMissing > 0);
    }

    public void Add(Lease lease)
    {
        if (leases.TryGetValue(lease.Id, out var before))
        {
            SlotsGranted -= before.Slots;
        }

        leases[lease.Id] = lease;
        SlotsGranted += lease.Slots;
        NothingSince = null;
        StopAwaiting(lease.Id);
    }

    /// <summary>Null if it is not awaited.</summary>
    public Lease? FindAwaited(string leaseId) => awaited.GetValueOrDefault(leaseId);

    public void StopAwaiting(string leaseId, bool wantsLess = false)
    {
        if (awaited.Remove(leaseId, out var lease))
        {
            awaitedSlots -= lease.Slots;
            SlotsWanted = wantsLess ? Math.Max(0, SlotsWanted - lease.Slots) : SlotsWanted;
        }
    }

    public void Remove(Lease lease, bool wantsLess)
    {
        if (leases.Remove(lease.Id))
        {
            SlotsGranted -= lease.Slots;
            SlotsWanted = wantsLess ? Math.Max(0, SlotsWanted - lease.Slots) : SlotsWanted;
        }
    }

    public void Pause(string nodeId, DateTimeOffset until) => paused[nodeId] = until;

    /// <summary>Wherever the other one is not lent to.</summary>
    public void PauseAs(FleetDemand? other)
    {
        foreach (var (node, until) in other?.paused ?? [])
        {
            paused[node] = until;
        }
    }

    /// <returns>False if there is none, or a later one.</returns>
    public bool Unpause(string nodeId, DateTimeOffset until) => paused.TryGetValue(nodeId, out var at) && at == until && paused.Remove(nodeId);

    /// <summary>Some node is not lent to it just now that is to others.</summary>
    public bool IsPausedSomewhere => paused.Count > 0 || Demand.Avoid.Count > 0;

    public bool IsPausedOn(string nodeId) => paused.ContainsKey(nodeId) || Demand.Avoid.Contains(nodeId);
}
