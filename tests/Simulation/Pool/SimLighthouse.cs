using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>
/// The Lighthouse process: the Fleet, the supervisors, the sessions. Journals, the epoch and the connection counter
/// outlive it, as they are on disk.
/// </summary>
internal sealed class SimLighthouse(SimulatedPool pool, Rng rng)
{
    private const string Actor = "lighthouse";

    private readonly SortedDictionary<string, SimJournal> journals = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, JobHost> hosts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Session> sessions = new(StringComparer.Ordinal);
    private UnjournaledMachine<FleetMachine, FleetEvent>? fleet;
    private long epoch;
    private long connections;

    public bool IsUp { get; private set; }

    public int Incarnation { get; private set; }

    public long UpSince { get; private set; }

    public void Start()
    {
        Incarnation++;
        IsUp = true;
        UpSince = pool.Queue.Now;
        epoch++;
        pool.Trace.Add(pool.Queue.Now, Actor, "starts", $"epoch {epoch}");
        fleet = new UnjournaledMachine<FleetMachine, FleetEvent>(
            Address.Fleet, new Alarm(pool.Queue, "fleet", Plan, () => DeliverToFleet(Tick.Instance)), clockError: 0);
        DeliverToFleet(new FleetStarted(epoch));
        foreach (var journal in journals.Values)
        {
            if (!journal.HasEnded)
            {
                Host(journal.JobId).Load();
            }
        }
    }

    public void Crash(long downFor)
    {
        if (!IsUp)
        {
            return;
        }

        pool.Tally.Count(FaultKind.LighthouseCrash);
        pool.Trace.Add(pool.Queue.Now, Actor, "crashes");
        IsUp = false;
        Incarnation++;
        foreach (var host in hosts.Values)
        {
            host.Crash();
        }

        foreach (var session in sessions.Values)
        {
            session.OpenAtLighthouse = false;
            session.Node.Disturbed();
            session.Node.Link.CloseDownwards(session);
        }

        hosts.Clear();
        sessions.Clear();
        pool.Queue.At(Math.Min(pool.Queue.Now + downFor, pool.Faults.FaultsUntil), Start);
    }

    /// <summary>Never blocks, never throws, may lose.</summary>
    public void Send(Envelope envelope)
    {
        var incarnation = Incarnation;
        pool.Network.TransmitLocally(() =>
        {
            if (IsUp && incarnation == Incarnation)
            {
                Route(envelope);
            }
        });
    }

    /// <summary>What a machine's batch wanted to send, now that it may.</summary>
    public void Release(Address from, IReadOnlyList<Envelope> outbox)
    {
        foreach (var envelope in outbox)
        {
            pool.Trace.Add(pool.Queue.Now, from.Kind == AddressKind.Fleet ? "fleet" : from.Id, "sends", envelope, MessageJob.Of(envelope.Message) ?? (from.Kind == AddressKind.Job ? from.Id : null));
            pool.Auditor.Sent(from, envelope);
            Send(envelope);
        }
    }

    /// <summary>Something later in this process.</summary>
    public void Plan(long time, Action action)
    {
        var incarnation = Incarnation;
        pool.Queue.At(time, () =>
        {
            if (incarnation == Incarnation)
            {
                action();
            }
        });
    }

    /// <summary>A hello arrived. Null when there is nobody to answer.</summary>
    public Session? Accept(SimNode node, NodeOffer offer, NodeUsage usage, IReadOnlyList<HeldLease> held)
    {
        if (!IsUp)
        {
            return null;
        }

        if (sessions.TryGetValue(node.Id, out var older))
        {
            SessionEnded(older, goodbye: false);
        }

        var session = new Session(node, node.Incarnation, Incarnation, ++connections);
        sessions[node.Id] = session;
        node.HeardAt = pool.Queue.Now;
        // Nobody repeats it but the next connection, so a host must not lose it on its own way.
        var connected = new NodeConnected(node.Id, node.Name, "ada", session.BootId, session.Connection, offer, usage, held);
        Plan(pool.Queue.Now + rng.Between(0, Virtual.Millisecond), () => DeliverToFleet(connected));
        return session;
    }

    public void SessionEnded(Session session, bool goodbye)
    {
        if (!IsUp || session.LighthouseIncarnation != Incarnation || !session.OpenAtLighthouse)
        {
            return;
        }

        session.OpenAtLighthouse = false;
        session.Node.Disturbed();
        if (sessions.GetValueOrDefault(session.Node.Id) == session)
        {
            sessions.Remove(session.Node.Id);
        }

        session.Node.Link.CloseDownwards(session);
        Send(new Envelope(Address.Fleet, new NodeClosed(session.Node.Id, session.BootId, session.Connection, goodbye)));
    }

    public void FromNode(Session session, Address to, Message message)
    {
        if (message is NodeHeartbeat)
        {
            session.Node.HeardAt = pool.Queue.Now;
            Plan(pool.Queue.Now, () => DeliverToFleet(message)); // the session's own word: not lost once it arrived
            return;
        }

        Send(new Envelope(to, message is TaskFinished { Inline: not null } finished ? finished with { Inline = null } : message));
    }

    /// <summary>Lists and <c>why</c> read the machines at any moment.</summary>
    public void ReadViews()
    {
        if (!IsUp)
        {
            return;
        }

        fleet!.Machine.Nodes();
        foreach (var host in hosts.Values)
        {
            host.ReadInto(fleet.Machine);
        }
    }

    /// <summary>A node that the Fleet still counts as used, or misses.</summary>
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
            case AddressKind.Client:
                pool.Reply(envelope.To.Id, envelope.Message);
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

        Release(Address.Fleet, fleet!.Deliver(message, pool.Queue.Now));
    }

    private JobHost Host(string jobId)
    {
        if (!hosts.TryGetValue(jobId, out var host))
        {
            if (!journals.TryGetValue(jobId, out var journal))
            {
                journals.Add(jobId, journal = new SimJournal(jobId, pool.Faults.JsonJournal));
            }

            hosts.Add(jobId, host = new JobHost(pool, this, journal, rng.Fork(jobId)));
        }

        return host;
    }
}
