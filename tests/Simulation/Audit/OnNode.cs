using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Simulation.Audit;

/// <summary>A job's share of a node.</summary>
/// <param name="ofNode">All shares of the node that may hold something; it finds its way in by itself.</param>
internal sealed class OnNode(JobAudit job, List<OnNode> ofNode, NodeRoom room)
{
    private readonly SortedDictionary<string, (Lease Lease, int Live)> leases = new(StringComparer.Ordinal);

    /// <summary>Current attempts that the journal has there.</summary>
    public int Live { get; private set; }

    /// <summary>When it last got one.</summary>
    public long GivenAt { get; private set; }

    /// <summary>When the node last gave back, lost or could not run one: for a while the job gets nothing more of it then.</summary>
    public long? FaultAt { get; private set; }

    public JobAudit Job => job;

    /// <summary>Processes that really run there.</summary>
    public int Processes { get; private set; }

    /// <summary>Stands among the shares of its node.</summary>
    public bool IsListed { get; set; }

    /// <summary>Nothing of the job is there just now.</summary>
    public bool IsEmpty => Live == 0 && Processes == 0;

    public void Start(Lease lease)
    {
        Processes++;
        room.Started(lease);
        List();
    }

    public void End(Lease lease)
    {
        Processes--;
        room.Ended(lease);
    }

    public void BootEnded() => Processes = 0;

    public void Fault(long now) => FaultAt = now;

    /// <summary>Those that hold current attempts.</summary>
    public IEnumerable<Lease> Leases => leases.Values.Select(l => l.Lease);

    public void Give(long now, Lease lease)
    {
        Live++;
        GivenAt = now;
        FaultAt = Live == 1 ? null : FaultAt;
        room.Give(lease);
        List();
        leases[lease.Id] = (lease, leases.GetValueOrDefault(lease.Id).Live + 1);
    }

    /// <summary>The job gives slots of it back.</summary>
    public void Reduce(string leaseId, int slots)
    {
        if (leases.TryGetValue(leaseId, out var held) && slots < held.Lease.Slots)
        {
            leases[leaseId] = (held.Lease with { Slots = Math.Max(slots, 1) }, held.Live);
            room.Reduce(leases[leaseId].Lease);
        }
    }

    public void Take(Lease lease)
    {
        Live--;
        room.Take(lease);
        var (held, live) = leases[lease.Id];
        if (live == 1)
        {
            leases.Remove(lease.Id);
        }
        else
        {
            leases[lease.Id] = (held, live - 1);
        }
    }

    private void List()
    {
        if (!IsListed)
        {
            IsListed = true;
            ofNode.Add(this);
        }
    }
}
