using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>What a person's jobs hold, and those that want more.</summary>
/// <param name="lastServed">Who comes anew is taken for one who was just served.</param>
internal sealed class FleetPerson(string name, long lastServed)
{
    /// <summary>In a person's own jobs the higher priority goes first, then the earlier submit.</summary>
    private static readonly Comparer<FleetDemand> InTurn = Comparer<FleetDemand>.Create((a, b) =>
    {
        var order = b.Priority.CompareTo(a.Priority);
        order = order != 0 ? order : a.Order.CompareTo(b.Order);
        return order != 0 ? order : string.CompareOrdinal(a.JobId, b.JobId);
    });

    private readonly SortedDictionary<int, int> leasesByPriority = [];

    public string Name { get; } = name;

    public Resources Leased { get; private set; } = Resources.None;

    /// <summary>The lowest priority of its jobs that hold something; null when none does.</summary>
    public int? LowestLeased => leasesByPriority.Count == 0 ? null : leasesByPriority.First().Key;

    /// <summary>Leases that the Fleet had made when it last held one; of two with nothing the one who has waited for longer goes first.</summary>
    public long LastServed { get; private set; } = lastServed;

    /// <summary>Jobs that want more than they have.</summary>
    public SortedSet<FleetDemand> Waiting { get; } = new(InTurn);

    /// <summary>Those of them that want more than at the last look.</summary>
    public SortedSet<FleetDemand> Grown { get; } = new(InTurn);

    /// <summary>Whether <paramref name="a"/> is served before <paramref name="b"/>, both of one person.</summary>
    public static bool IsBefore(FleetDemand a, FleetDemand b) => InTurn.Compare(a, b) < 0;

    public void Took(FleetDemand demand, Lease lease, long number)
    {
        LastServed = number;
        Leased = Leased.Plus(lease.PerTask.Times(lease.Slots));
        leasesByPriority[demand.Priority] = leasesByPriority.GetValueOrDefault(demand.Priority) + 1;
    }

    public void Reduced(Lease lease, int slots, long number)
    {
        LastServed = number + 1; // until just now
        Leased = Leased.Minus(lease.PerTask.Times(lease.Slots - slots));
    }

    public void GaveBack(FleetDemand demand, Lease lease, long number)
    {
        LastServed = number + 1;
        Leased = Leased.Minus(lease.PerTask.Times(lease.Slots));
        if (--leasesByPriority[demand.Priority] == 0)
        {
            leasesByPriority.Remove(demand.Priority);
        }
    }
}
