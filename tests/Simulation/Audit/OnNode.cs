using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Simulation.Audit;

/// <summary>A job's share of a node.</summary>
internal sealed class OnNode
{
    private readonly SortedDictionary<string, (Lease Lease, int Live)> leases = new(StringComparer.Ordinal);

    /// <summary>Current attempts that the journal has there.</summary>
    public int Live { get; private set; }

    /// <summary>When it last got one.</summary>
    public long GivenAt { get; private set; }

    /// <summary>Processes that really run there.</summary>
    public int Processes { get; set; }

    /// <summary>Those that hold current attempts.</summary>
    public IEnumerable<Lease> Leases => leases.Values.Select(l => l.Lease);

    public void Give(long now, Lease lease)
    {
        Live++;
        GivenAt = now;
        leases[lease.Id] = (lease, leases.GetValueOrDefault(lease.Id).Live + 1);
    }

    public void Take(Lease lease)
    {
        Live--;
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
}
