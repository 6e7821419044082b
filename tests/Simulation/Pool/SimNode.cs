using AkkaCompute.ComputeNode.Work.Machine;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>
/// A ComputeNode process: its Worker, its executor and its link, and what may befall them. An incarnation is one
/// process; what was planned for an earlier one never happens.
/// </summary>
internal sealed class SimNode
{
    /// <summary>An owner who has asked a node to leave and waits no longer than this ends the process.</summary>
    private const long DrainPatience = 15 * Virtual.Second;

    /// <summary>How wrong a node's clock may be: machines must not compare their clocks.</summary>
    private const long ClockErrorMax = 600 * Virtual.Second;

    private static readonly SortedDictionary<string, string> WithPython = new(StringComparer.Ordinal) { ["os"] = "linux", [JobPlan.PythonLabel] = "3.11.2" };
    private static readonly SortedDictionary<string, string> WithoutPython = new(StringComparer.Ordinal) { ["os"] = "linux" };

    private readonly SimulatedPool pool;
    private readonly Rng rng;
    private readonly long clockError;
    private UnjournaledMachine<Worker, WorkerEvent>? worker;
    private SimExecutor? executor;
    private Resources lent;
    private long asleepUntil;
    private bool draining;

    public SimNode(SimulatedPool pool, int number, Rng rng)
    {
        this.pool = pool;
        this.rng = rng;
        Id = $"n{number:D2}";
        Name = $"node{number:D2}";
        var cores = rng.Pick(1, 2, 4, 4, 8);
        Whole = new Resources(cores, cores * (long)rng.Pick(1, 2, 4) << 30, rng.Chance(0.1) ? rng.Between(1, 4) : 0);
        HasPython = rng.Chance(0.6);
        clockError = rng.Between(-ClockErrorMax, ClockErrorMax);
        lent = Whole;
        Link = new SimLink(pool, this, rng.Fork("link"));
    }

    public string Id { get; }

    public string Name { get; }

    /// <summary>What the owner lends when nothing is held back.</summary>
    public Resources Whole { get; }

    public bool HasPython { get; }

    public SimLink Link { get; }

    public int Incarnation { get; private set; }

    public string BootId => $"{Id}-boot{Incarnation}";

    public bool IsRunning { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>Since when nothing has happened to the node, its link or its loan.</summary>
    public long DisturbedAt { get; private set; }

    /// <summary>When a hello or a heartbeat of it last reached the Lighthouse: what a cut held back comes late.</summary>
    public long HeardAt { get; set; }

    /// <summary>When its process ended and the network said so; null while it runs, or when nobody was told.</summary>
    public long? EndedLoudlyAt { get; private set; }

    /// <summary>The Lighthouse could talk to it just now.</summary>
    public bool IsReachable => IsRunning && !IsAsleep && Link.IsWhole;

    public bool IsAsleep => asleepUntil > pool.Queue.Now;

    /// <summary>The pool can use it, all of it, just now.</summary>
    public bool IsWhole => IsReachable && !draining && !IsPaused && lent == Whole;

    public void Start()
    {
        Incarnation++;
        IsRunning = true;
        EndedLoudlyAt = null;
        draining = false;
        Disturbed();
        var incarnation = Incarnation;
        var alarm = new Alarm(pool.Queue, Id, (due, ring) => pool.Queue.At(due, () => Awake(incarnation, ring)), () => Tell(Tick.Instance));
        worker = new UnjournaledMachine<Worker, WorkerEvent>(Address.Node(Id), alarm, clockError);
        executor = new SimExecutor(pool, this, rng.Fork(BootId));
        pool.Trace.Add(pool.Queue.Now, Id, "starts", BootId);
        pool.Auditor.NodeStarted(Id, IsPaused ? Resources.None : lent);
        Tell(new WorkerStarted(Id, BootId, lent));
        if (IsPaused)
        {
            Tell(new LendChanged(lent, IsPaused));
        }

        After(rng.Between(0, 200 * Virtual.Millisecond), Link.Connect);
    }

    /// <summary>Gives the Worker a message; what it wants goes to its executor and its link.</summary>
    public void Tell(Message message)
    {
        pool.Trace.Add(pool.Queue.Now, Id, "gets", message, MessageJob.Of(message));
        foreach (var (to, sent) in worker!.Deliver(message, pool.Queue.Now))
        {
            if (to.Kind == AddressKind.Executor)
            {
                pool.Trace.Add(pool.Queue.Now, Id, "does", sent, MessageJob.Of(sent));
                if (sent is Drained)
                {
                    After(0, () => End(silently: false, goodbye: true));
                }
                else
                {
                    executor!.Execute(sent);
                }
            }
            else
            {
                Link.SendUp(to, sent);
            }
        }
    }

    /// <summary>Later in this process, and not before it wakes.</summary>
    public void After(long delay, Action action)
    {
        var incarnation = Incarnation;
        pool.Queue.After(delay, () => Awake(incarnation, action));
    }

    public void Awake(int incarnation, Action action)
    {
        if (!IsRunning || incarnation != Incarnation)
        {
            return;
        }

        if (asleepUntil > pool.Queue.Now)
        {
            pool.Queue.At(asleepUntil, () => Awake(incarnation, action));
            return;
        }

        action();
    }

    public NodeOffer Offer() => new(lent, HasPython ? WithPython : WithoutPython, "bubblewrap", null, []);

    public IReadOnlyList<HeldLease> Held() => worker!.Machine.Held();

    /// <summary>A cut takes what is on its way with it, the news of an end too.</summary>
    public void LinkCut()
    {
        if (pool.Queue.Now - EndedLoudlyAt <= pool.Faults.LatencyMax)
        {
            EndedLoudlyAt = null;
        }
    }

    public void Disturbed() => DisturbedAt = pool.Queue.Now;

    public void Crash(bool powerLoss, long downFor)
    {
        if (IsRunning)
        {
            pool.Tally.Count(powerLoss ? FaultKind.NodePowerLoss : FaultKind.NodeCrash);
            asleepUntil = 0;
            End(silently: powerLoss, goodbye: false);
            Restart(downFor);
        }
    }

    public void Drain(long downFor)
    {
        if (!IsRunning || draining || asleepUntil > pool.Queue.Now)
        {
            return;
        }

        draining = true;
        Disturbed();
        pool.Tally.Count(FaultKind.NodeDrained);
        After(DrainPatience, () => End(silently: false, goodbye: false));
        Restart(DrainPatience + downFor);
        Tell(new Drain());
    }

    public void Sleep(long duration)
    {
        if (IsRunning)
        {
            asleepUntil = Math.Max(asleepUntil, Math.Min(pool.Queue.Now + duration, pool.Faults.FaultsUntil));
            pool.Tally.Count(FaultKind.NodeAsleep);
            Disturbed();
            pool.Trace.Add(pool.Queue.Now, Id, "sleeps");
            Link.OwnerSleeps();
        }
    }

    public void ChangeLoan(Rng chooser)
    {
        pool.Tally.Count(FaultKind.LendChanged);
        Lend(new Resources(chooser.Between(0, Whole.Cores), Whole.MemoryBytes / chooser.Between(1, 4), chooser.Between(0, Whole.Gpus)), chooser.Chance(0.3));
        pool.Queue.At(Math.Min(pool.Queue.Now + chooser.Between(Virtual.Second, 40 * Virtual.Second), pool.Faults.FaultsUntil), () => Lend(Whole, false));
    }

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
                pool.Auditor.LoanChanged(Id, IsPaused ? Resources.None : lent);
                Tell(new LendChanged(lent, IsPaused));
                Link.OfferChanged();
            });
        }
    }

    private void Restart(long downFor)
    {
        var from = pool.Queue.Now;
        var soonest = pool.Faults.FaultsUntil - from + Virtual.Second;
        var incarnation = Incarnation;
        pool.Queue.After(Math.Max(Math.Min(downFor, soonest), 10 * Virtual.Millisecond), () =>
        {
            if (IsRunning && incarnation == Incarnation)
            {
                Restart(Virtual.Second); // it still drains
            }
            else if (incarnation == Incarnation)
            {
                Start();
            }
        });
    }

    private void End(bool silently, bool goodbye)
    {
        IsRunning = false;
        EndedLoudlyAt = silently || Link.IsCut ? null : pool.Queue.Now;
        Disturbed();
        pool.Trace.Add(pool.Queue.Now, Id, goodbye ? "leaves" : "dies", BootId);
        pool.Auditor.NodeEnded(Id);
        Link.ProcessEnded(silently, goodbye);
    }
}
