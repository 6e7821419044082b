using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Coverage;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>One process of the Lighthouse: the Fleet, the supervisors, the sessions. What was planned in it ends with it.</summary>
internal sealed partial class LighthouseProcess(SimulatedPool pool, int number, SimDisk disk, TimeProvider time, Rng rng)
{
    private const string Actor = SimLighthouse.Actor;

    /// <summary>How often a process that has nothing to write looks whether it was replaced.</summary>
    private const long FenceEvery = 5 * Virtual.Second;

    /// <summary>Reading the journals of all jobs.</summary>
    private readonly long loadMax = rng.Pick(50 * Virtual.Millisecond, 2 * Virtual.Second);

    /// <summary>Reading and storing results, less or more than the time after which they are asked for again.</summary>
    private const long GatherMax = 8 * Virtual.Second;

    private readonly Dictionary<string, JobHost> hosts = new(StringComparer.Ordinal); // walked only in order
    private readonly Dictionary<string, Session> sessions = new(StringComparer.Ordinal); // walked only in order
    private readonly Dictionary<Address, Pipe> mailboxes = []; // looked up, never walked
    private UnjournaledMachine<FleetMachine, FleetEvent>? fleet;
    private long generation;
    private long pausedUntil;

    public int Number => number;

    public TimeProvider Time => time;

    public bool IsAlive { get; private set; } = true;

    public bool IsPaused => pausedUntil > pool.Queue.Now;

    /// <summary>Another process writes the journals now.</summary>
    public bool IsReplaced => generation != disk.Generation;

    public FleetMachine Fleet => fleet!.Machine;

    /// <summary>Since when it has been there without a pause.</summary>
    public long ServesSince { get; private set; }

    public void Start()
    {
        generation = disk.Open();
        ServesSince = pool.Queue.Now;
        pool.Trace.Add(pool.Queue.Now, Actor, "starts", $"process {number}, generation {generation}");
        fleet = new UnjournaledMachine<FleetMachine, FleetEvent>(
            Address.Fleet, time, new Alarm(pool.Queue, time, "fleet", Plan, () => DeliverToFleet(Tick.Instance)),
            pool.Transitions is { } transitions ? new FleetWatch(transitions) : null, Mutations.OfFleet(pool.Bug));
        pool.Auditor?.LighthouseStarted();
        DeliverToFleet(new FleetStarted(generation) { Known = generation % 2 == 0 ? disk.Nodes : [] }); // every other one finds no notes
        foreach (var journal in disk.Journals)
        {
            if (!journal.HasEnded)
            {
                var host = Host(journal.JobId);
                Plan(pool.Queue.Now + rng.Between(0, loadMax), host.LoadIfUnknown); // what comes first loads it, too
            }
        }

        WatchFence();
    }

    public void Pause(long until)
    {
        pausedUntil = until;
        pool.Trace.Add(pool.Queue.Now, Actor, "is stopped", $"process {number}");
        Plan(until, () =>
        {
            ServesSince = pool.Queue.Now;
            pool.Trace.Add(pool.Queue.Now, Actor, "goes on", $"process {number}");
        });
        foreach (var session in InOrder(sessions))
        {
            session.Node.Disturbed();
            session.Node.Link.PeerSilent(session, () => IsPaused);
        }
    }

    /// <summary>The process is gone, with all that it had not written.</summary>
    public void End(string verb)
    {
        if (!IsAlive)
        {
            return;
        }

        pool.Trace.Add(pool.Queue.Now, Actor, verb, $"process {number}");
        IsAlive = false;
        foreach (var host in InOrder(hosts))
        {
            host.Crash();
        }

        foreach (var session in InOrder(sessions))
        {
            session.OpenAtLighthouse = false;
            session.Node.Disturbed();
            session.Node.Link.CloseDownwards(session);
        }

        hosts.Clear();
        sessions.Clear();
    }

    /// <summary>The journal said so: it must write no more, and be nobody's Lighthouse any longer.</summary>
    public void Replaced()
    {
        End("was replaced");
        pool.Lighthouse.Ended(this);
    }

    /// <summary>Never blocks, never throws, may lose.</summary>
    public void Send(Envelope envelope)
    {
        if (!mailboxes.TryGetValue(envelope.To, out var mailbox))
        {
            mailboxes.Add(envelope.To, mailbox = new Pipe());
        }

        pool.Network.TransmitLocally(mailbox, at => Plan(at, () => Route(envelope)));
    }

    /// <summary>What a machine's batch wanted to send, now that it may.</summary>
    public void Release(Address from, IReadOnlyList<Envelope> outbox)
    {
        foreach (var envelope in outbox)
        {
            pool.Trace.Add(pool.Queue.Now, from.Kind == AddressKind.Fleet ? "fleet" : from.Id, "sends", envelope, MessageJob.Of(envelope.Message) ?? (from.Kind == AddressKind.Job ? from.Id : null));
            pool.Auditor?.Sent(from, envelope);
            Send(envelope);
        }
    }

    /// <summary>Something later in this process, and not before it goes on.</summary>
    public void Plan(long at, Action action) =>
        pool.Queue.At(at, () => Awake(action));

    /// <summary>Now, if it is there and not stopped; at once when it goes on.</summary>
    public void Awake(Action action)
    {
        if (IsPaused)
        {
            pool.Queue.At(pausedUntil, () => Awake(action));
        }
        else if (IsAlive)
        {
            action();
        }
    }

    /// <summary>Null while it is not in memory.</summary>
    public JobSupervisor? Supervisor(string jobId) => hosts.GetValueOrDefault(jobId)?.Machine;

    /// <summary>Lists and <c>why</c> read the machines at any moment.</summary>
    public void ReadViews()
    {
        fleet!.Machine.Nodes();
        foreach (var host in InOrder(hosts))
        {
            host.ReadInto(fleet.Machine);
        }
    }

    public string? Unsettled()
    {
        var views = fleet!.Machine.Nodes();
        var online = views.Count(v => v.Status != "offline");
        if (online != pool.Nodes.Count)
        {
            return $"the Fleet sees {online} nodes of {pool.Nodes.Count}";
        }

        var used = views.FirstOrDefault(v => v.CoresFree != v.Cores || v.GpusFree != v.Gpus);
        return used is null ? null : $"the Fleet counts {used.CoresFree} of {used.Cores} cores of {used.Name} as free";
    }

    public AppendFailure? Append(SimJournal journal, long expectedSequence, IReadOnlyList<JobEvent> events, SimSnapshot? snapshot) =>
        disk.Append(journal, generation, expectedSequence, events, snapshot);

    private static List<T> InOrder<T>(Dictionary<string, T> byId) => [.. byId.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value)];

    private void WatchFence() => pool.Queue.After(FenceEvery, () =>
    {
        if (IsReplaced && !IsPaused && pool.Queue.Now - ServesSince >= FenceEvery && pool.Bug != PlantedBug.IgnoresGeneration)
        {
            Replaced();
        }
        else if (IsAlive)
        {
            WatchFence();
        }
    });

    private void Route(Envelope envelope)
    {
        switch (envelope.To.Kind)
        {
            case AddressKind.Job:
                Host(envelope.To.Id).Deliver(envelope.Message);
                break;
            case AddressKind.Fleet:
                DeliverToFleet(envelope.Message);
                break;
            case AddressKind.Node:
                if (sessions.TryGetValue(envelope.To.Id, out var session))
                {
                    session.Node.Link.SendDown(session, envelope.Message);
                }

                break;
            case AddressKind.Gatherer when envelope.Message is GatherResults question:
                Plan(pool.Queue.Now + rng.Between(0, GatherMax), () => Send(new Envelope(
                    question.ReplyTo, new ResultsGathered(question.JobId, question.OpenedAt, $"results of {question.Of}", null))));
                break;
            case AddressKind.Client:
                pool.Reply(this, envelope.To.Id, envelope.Message);
                break;
            default:
                throw new InvalidOperationException($"the Lighthouse cannot send to {envelope.To}");
        }
    }

    private void DeliverToFleet(Message message)
    {
        if (message is not NodeHeartbeat)
        {
            pool.Trace.Add(pool.Queue.Now, "fleet", "gets", message, MessageJob.Of(message));
        }

        Release(Address.Fleet, fleet!.Deliver(message));
    }

    private JobHost Host(string jobId)
    {
        if (!hosts.TryGetValue(jobId, out var host))
        {
            hosts.Add(jobId, host = new JobHost(pool, this, disk.Journal(jobId), rng.Fork(jobId)));
        }

        return host;
    }
}
