using AkkaCompute.ComputeNode.Work.Machine;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Coverage;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>
/// A ComputeNode process: its Worker, its executor and its link, and what may befall them. An incarnation is one
/// process; what was planned for an earlier one never happens.
/// </summary>
internal sealed partial class SimNode
{
    /// <summary>How wrong a node's clock may be: machines must not compare their clocks.</summary>
    private const long ClockErrorMax = 600 * Virtual.Second;

    private static readonly SortedDictionary<string, string> WithPython = new(StringComparer.Ordinal) { ["os"] = "linux", [JobPlan.PythonLabel] = "3.11.2" };
    private static readonly SortedDictionary<string, string> WithoutPython = new(StringComparer.Ordinal) { ["os"] = "linux" };

    private readonly SimulatedPool pool;
    private readonly Rng rng;
    private readonly SimClock clock;
    private UnjournaledMachine<Worker, WorkerEvent>? worker;
    private SimExecutor? executor;

    public SimNode(SimulatedPool pool, int number, Rng rng)
    {
        this.pool = pool;
        this.rng = rng;
        Id = $"n{number:D2}";
        Name = $"node{number:D2}";
        var cores = rng.Pick(1, 2, 4, 4, 8);
        Whole = new Resources(cores, cores * (long)rng.Pick(1, 2, 4) << 30, rng.Chance(0.1) ? rng.Between(1, 4) : 0);
        HasPython = rng.Chance(0.6);
        clock = new SimClock(pool.Queue, rng.Between(-ClockErrorMax, ClockErrorMax));
        lent = Whole;
        Link = new SimLink(pool, this, rng.Fork("link"));
    }

    public string Id { get; }

    public string Name { get; }

    /// <summary>What the owner lends when nothing is held back.</summary>
    public Resources Whole { get; }

    public bool HasPython { get; }

    public SimLink Link { get; }

    /// <summary>Of the process that runs.</summary>
    public Worker Worker => worker!.Machine;

    public int Incarnation { get; private set; }

    public string BootId => $"{Id}-boot{Incarnation}";

    public bool IsRunning { get; private set; }

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
    public bool IsWhole => IsReachable && !draining && !IsPaused && !IsLying && !IsIll && lent == Whole;

    public void Start()
    {
        Incarnation++;
        IsRunning = true;
        EndedLoudlyAt = null;
        draining = false;
        given.Clear();
        Disturbed();
        var incarnation = Incarnation;
        var time = clock.Process();
        var alarm = new Alarm(pool.Queue, time, Id, (due, ring) => pool.Queue.At(due, () => Awake(incarnation, ring)), () => Tell(Tick.Instance));
        worker = new UnjournaledMachine<Worker, WorkerEvent>(
            Address.Node(Id), time, alarm, pool.Transitions is { } transitions ? new WorkerWatch(transitions) : null, Mutations.OfWorker(pool.Bug));
        executor = new SimExecutor(pool, this, rng.Fork(BootId));
        pool.Trace.Add(pool.Queue.Now, Id, "starts", BootId);
        pool.Auditor?.NodeStarted(Id, IsPaused ? Resources.None : lent);
        Tell(new WorkerStarted(Id, BootId, lent));
        GoOn();
        if (IsPaused)
        {
            Tell(new LendChanged(lent, IsPaused));
        }

        After(rng.Between(0, rng.Pick(10, 200) * Virtual.Millisecond), Link.Connect);
    }

    /// <summary>Gives the Worker a message; what it wants goes to its executor and its link.</summary>
    public void Tell(Message message)
    {
        if (message is Assign assign && Refuses(assign))
        {
            return;
        }

        pool.Trace.Add(pool.Queue.Now, Id, "gets", message, MessageJob.Of(message));
        StartAgain(message);
        var outbox = worker!.Deliver(message);
        if (message is Assign taken)
        {
            pool.Auditor?.Assigned(Id, taken.Lease, outbox.Any(e => e.Message is StartAttempt));
        }

        foreach (var (to, sent) in outbox)
        {
            if (to.Kind == AddressKind.Executor)
            {
                pool.Trace.Add(pool.Queue.Now, Id, "does", sent, MessageJob.Of(sent));
                if (sent is Drained)
                {
                    After(0, () => End(silently: false, goodbye: Link.IsWhole));
                }
                else
                {
                    Execute(sent);
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

    public NodeOffer Offer() => new(offered ?? lent, HasPython ? WithPython : WithoutPython, "bubblewrap", null, []);

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
}
