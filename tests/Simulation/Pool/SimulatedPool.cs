using AkkaCompute.Protocol.Machines;
using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Coverage;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Scale;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;


/// <summary>One Lighthouse, its nodes and its clients under one seed. A run ends when all is over, or throws at the first broken promise.</summary>
internal sealed class SimulatedPool
{
    /// <summary>How often the auditor looks for what should have happened and did not.</summary>
    private const long LookEvery = Virtual.Second;

    /// <summary>Views of everything cost more than a second of the pool.</summary>
    private const int LooksPerRead = 10;

    private readonly List<SimClient> clients = [];
    private readonly Dictionary<string, SimClient> clientsById = new(StringComparer.Ordinal);
    private long ends;

    public SimulatedPool(ulong seed, SimOptions options, bool recording)
    {
        var rng = new Rng(seed);
        Bug = options.Bug;
        Trace = new Trace(recording);
        var isMeasured = options.Measured is not null;
        Meter = isMeasured ? new JournalMeter() : null;
        Transitions = isMeasured ? null : new Transitions(judges: Bug == PlantedBug.None); // a machine with a mistake around it takes others
        var chances = rng.Fork("faults");
        Faults = isMeasured ? FaultProfile.None(chances, options.Nodes) : new FaultProfile(chances, options.Nodes, options.Without, options.FaultsUntil);
        Network = new SimNetwork(Queue, Faults, Tally, rng.Fork("network"));
        Lighthouse = new SimLighthouse(this, rng.Fork("lighthouse"));
        for (var i = 1; i <= options.Nodes; i++)
        {
            Nodes.Add(new SimNode(this, i, rng.Fork("node")));
        }

        var workload = rng.Fork("jobs");
        for (var i = 1; i <= options.Jobs; i++)
        {
            var own = workload.Fork("job");
            var plan = JobPlan.Draw(i, Nodes, Faults, own, options.Tasks / options.Jobs);
            var chance = own.Fork("client");
            if (options.Job is not null && options.Job != plan.Id)
            {
                continue;
            }

            plan = options.Job is null ? plan.Ordered(i, own.Fork("after")) : plan; // alone it has none before it
            Enter(plan, chance);
        }

        if (options.Measured is { } measured)
        {
            Enter(measured, workload);
        }

        Auditor = isMeasured ? null : new Auditor(Queue, [.. Plans.Values], Nodes, Faults, Unsettled);
        FaultPlan.Schedule(this, rng.Fork("plan"));
    }

    public EventQueue Queue { get; } = new();

    public Trace Trace { get; }

    public FaultProfile Faults { get; }

    public FaultTally Tally { get; } = new();

    public PlantedBug Bug { get; }

    /// <summary>Which of the machines' transitions this run took; null where it is measured.</summary>
    public Transitions? Transitions { get; }

    public SimNetwork Network { get; }

    public SimLighthouse Lighthouse { get; }

    public List<SimNode> Nodes { get; } = [];

    public SortedDictionary<string, JobPlan> Plans { get; } = new(StringComparer.Ordinal);

    /// <summary>Null where the run is measured.</summary>
    public Auditor? Auditor { get; }

    /// <summary>What is journaled, where the run is measured; else null.</summary>
    public JournalMeter? Meter { get; }

    public bool IsHealed { get; private set; }

    public void Run()
    {
        Start();
        var nextLook = LookEvery;
        var looks = 0;
        while (Queue.Step())
        {
            if (Queue.Now < nextLook)
            {
                continue;
            }

            nextLook = Queue.Now + LookEvery;
            if (++looks % LooksPerRead == 0)
            {
                Lighthouse.Current?.ReadViews();
            }

            if (Auditor!.Look(Lighthouse.ServesSince))
            {
                return;
            }
        }
    }

    /// <summary>What happens then is in the queue.</summary>
    public void Start()
    {
        Lighthouse.Start();
        foreach (var node in Nodes)
        {
            node.Start();
        }

        foreach (var client in clients)
        {
            client.Start();
        }
    }

    /// <summary>Nothing goes wrong from here on.</summary>
    public void Heal()
    {
        IsHealed = true;
        Network.Heal();
        Trace.Add(Queue.Now, "lighthouse", "faults end");
        Auditor?.FaultsEnded();
    }

    public void Reply(LighthouseProcess from, string clientId, Message message)
    {
        if (clientsById.TryGetValue(clientId, out var client))
        {
            client.Receive(from, message);
        }
    }

    private void Enter(JobPlan plan, Rng chance)
    {
        var client = new SimClient(this, plan, chance);
        Plans.Add(plan.Id, plan);
        clients.Add(client);
        clientsById.Add(plan.Id, client);
    }

    private string? Unsettled()
    {
        var node = Nodes.Find(n => !n.IsRunning || n.Held().Count > 0);
        return node is null ? Lighthouse.Unsettled() : $"{node.Id} {(node.IsRunning ? "holds a lease" : "is down")}";
    }

    /// <summary>Whether its client knows that the job is on disk.</summary>
    public bool IsSubmitted(string jobId) => clientsById[jobId].Submitted;

    /// <summary>A number for each end of a process, so that no two look alike.</summary>
    public long NextEnd() => ++ends;
}
