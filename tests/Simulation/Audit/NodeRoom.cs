using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Simulation.Audit;

/// <summary>What is taken of a node: all slots of each lease that holds current attempts, and whatever else runs there.</summary>
/// <param name="requests">What a task of each job takes of this node, by the job's number.</param>
internal sealed class NodeRoom(Resources whole, Resources[] requests, Func<long> now)
{
    private readonly SortedDictionary<string, LeaseUse> uses = new(StringComparer.Ordinal);
    private readonly long[] fullAt = new long[requests.Length];
    private Resources taken = Resources.None;
    private Resources inUse = Resources.None;

    /// <summary>Leases with attempts of which not one has a process, though it would fit.</summary>
    public IEnumerable<LeaseUse> Waiting => uses.Values.Where(u => u.Waits && u.Lease.PerTask.FitsIn(whole.Minus(inUse)));

    /// <summary>A task of the job fits into what nobody has.</summary>
    public bool Fits(int job) => requests[job].FitsIn(whole.Minus(taken));

    /// <summary>When it last did not.</summary>
    public long FullAt(int job) => fullAt[job];

    public void Give(Lease lease) => Change(lease, live: 1, processes: 0);

    public void Take(Lease lease) => Change(lease, live: -1, processes: 0);

    public void Started(Lease lease) => Change(lease, live: 0, processes: 1);

    public void Ended(Lease lease) => Change(lease, live: 0, processes: -1);

    public void Reduce(Lease lease)
    {
        if (uses.TryGetValue(lease.Id, out var use))
        {
            NoteFull();
            taken = taken.Minus(use.Taken);
            use.Lease = lease;
            taken = taken.Plus(use.Taken);
        }
    }

    public void BootEnded()
    {
        foreach (var use in uses.Values.ToList())
        {
            Change(use.Lease, 0, -use.Processes);
        }
    }

    private void Change(Lease lease, int live, int processes)
    {
        if (!uses.TryGetValue(lease.Id, out var use))
        {
            uses.Add(lease.Id, use = new LeaseUse(lease));
        }

        NoteFull();
        var before = use.Taken;
        use.Lease = live > 0 ? lease : use.Lease; // adopted by a new Fleet it may have fewer slots
        use.Live += live;
        use.Processes += processes;
        taken = taken.Minus(before).Plus(use.Taken);
        inUse = inUse.Plus(use.Lease.PerTask.Times(processes));
        use.Since = now();
        NoteFull();
        if (use is { Live: 0, Processes: 0 })
        {
            uses.Remove(lease.Id);
        }
    }

    private void NoteFull()
    {
        var free = whole.Minus(taken);
        for (var j = 0; j < requests.Length; j++)
        {
            fullAt[j] = requests[j].FitsIn(free) ? fullAt[j] : now();
        }

        var unused = whole.Minus(inUse);
        foreach (var use in uses.Values)
        {
            use.Since = use.Lease.PerTask.FitsIn(unused) ? use.Since : now();
        }
    }
}

/// <summary>What a lease has of its node.</summary>
internal sealed class LeaseUse(Lease lease)
{
    public Lease Lease { get; set; } = lease;

    /// <summary>Current attempts, by the journal.</summary>
    public int Live { get; set; }

    public int Processes { get; set; }

    /// <summary>Since when nothing of this has changed, and one more process would have fitted.</summary>
    public long Since { get; set; }

    public bool Waits => Live > 0 && Processes == 0;

    public Resources Taken => Lease.PerTask.Times(Math.Max(Live > 0 ? Lease.Slots : 0, Processes));
}
