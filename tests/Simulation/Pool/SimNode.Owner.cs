using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

// What its owner lends, and how it may misbehave.
internal sealed partial class SimNode
{
    private readonly HashSet<(string JobId, AttemptRef Id)> given = []; // looked up, never walked
    private readonly SortedDictionary<FaultKind, long> illUntil = [];
    private Resources lent;
    private Resources? offered;

    public bool IsPaused { get; private set; }

    /// <summary>It offers what it does not have.</summary>
    public bool IsLying => offered is not null;

    /// <summary>It refuses, stalls, or has no room on its disk.</summary>
    public bool IsIll => illUntil.Values.Any(until => until > pool.Queue.Now);

    public bool Has(FaultKind ailment) => illUntil.GetValueOrDefault(ailment) > pool.Queue.Now;

    /// <summary>When an ailment that began will be over.</summary>
    public long Until(FaultKind ailment) => illUntil.GetValueOrDefault(ailment);

    public void ChangeLoan(Rng chooser)
    {
        pool.Tally.Count(FaultKind.LendChanged);
        Lend(new Resources(chooser.Between(0, Whole.Cores), Whole.MemoryBytes / chooser.Between(1, 4), chooser.Between(0, Whole.Gpus)), chooser.Chance(0.3));
        pool.Queue.At(Math.Min(pool.Queue.Now + chooser.Between(Virtual.Second, 40 * Virtual.Second), pool.Faults.FaultsUntil), () => Lend(Whole, false));
    }

    /// <summary>It says another capacity than it has, then another, then the truth.</summary>
    public void Lie(Rng chooser)
    {
        pool.Tally.Count(FaultKind.NodeLies);
        var lies = chooser.Between(1, 3);
        var at = pool.Queue.Now;
        for (var i = 0; i < lies; i++)
        {
            var (times, over) = (chooser.Between(0, 4), chooser.Between(1, 2));
            Offer(at, new Resources(Whole.Cores * times / over, Whole.MemoryBytes * times / over, Whole.Gpus * times));
            at = Math.Min(at + chooser.Between(Virtual.Second, 20 * Virtual.Second), pool.Faults.FaultsUntil);
        }

        Offer(at, null);
    }

    /// <summary>For a while it is ill in the way that the kind names.</summary>
    public void Ail(FaultKind kind, long duration)
    {
        pool.Tally.Count(kind);
        var until = Math.Min(pool.Queue.Now + duration, pool.Faults.FaultsUntil);
        illUntil[kind] = Math.Max(illUntil.GetValueOrDefault(kind), until);
        Disturbed();
        pool.Trace.Add(pool.Queue.Now, Id, "is ill", kind.ToString());
        pool.Queue.At(until, Disturbed);
    }

    private void Offer(long at, Resources? says) => pool.Queue.At(at, () =>
    {
        offered = says;
        Disturbed();
        pool.Trace.Add(pool.Queue.Now, Id, "offers", says ?? lent);
        Link.OfferChanged();
    });

    private void Lend(Resources resources, bool paused)
    {
        (lent, IsPaused) = (resources, paused);
        Disturbed();
        pool.Trace.Add(pool.Queue.Now, Id, "lends", paused ? "nothing" : resources);
        if (IsRunning)
        {
            var incarnation = Incarnation;
            Awake(incarnation, () =>
            {
                // What holds when it wakes: an earlier change that waited for that says the same.
                pool.Auditor?.LoanChanged(Id, IsPaused ? Resources.None : lent);
                Tell(new LendChanged(lent, IsPaused));
                Link.OfferChanged();
            });
        }
    }

    /// <summary>A node that refuses says so of all that it was not given before.</summary>
    private bool Refuses(Assign assign)
    {
        if (pool.Faults.Count(FaultKind.NodeRefuses) == 0)
        {
            return false;
        }

        var attempts = assign.Tasks.SelectMany(r => Enumerable.Range(r.First, r.Count).Select(t => new AttemptRef(t, r.Attempt))).ToList();
        if (Has(FaultKind.NodeRefuses) && !attempts.Exists(a => given.Contains((assign.Lease.JobId, a))))
        {
            pool.Trace.Add(pool.Queue.Now, Id, "refuses", assign, assign.Lease.JobId);
            Link.SendUp(Address.Job(assign.Lease.JobId), new AttemptsRefused(assign.Lease.JobId, Id, BootId, attempts, "it does not feel like it"));
            return true;
        }

        given.UnionWith(attempts.Select(a => (assign.Lease.JobId, a)));
        return false;
    }
}
