using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

// The nodes' connections, as this process sees them.
internal sealed partial class LighthouseProcess
{
    /// <summary>A hello arrived.</summary>
    public Session Accept(SimNode node, NodeOffer offer, NodeUsage usage, IReadOnlyList<HeldLease> held)
    {
        if (sessions.TryGetValue(node.Id, out var older))
        {
            SessionEnded(older, goodbye: false);
        }

        var session = new Session(node, node.Incarnation, this, disk.NextConnection());
        sessions[node.Id] = session;
        node.HeardAt = pool.Queue.Now;
        // Nobody repeats it but the next connection, so a host must not lose it on its own way.
        var connected = new NodeConnected(node.Id, node.Name, "ada", session.BootId, session.Connection, offer, usage, held);
        Tell(session, () => DeliverToFleet(connected));
        disk.Note(new KnownNode(node.Id, node.Name, "ada", offer, time.GetUtcNow()));
        return session;
    }

    public void SessionEnded(Session session, bool goodbye)
    {
        if (!IsAlive || session.Process != this || !session.OpenAtLighthouse)
        {
            return;
        }

        session.OpenAtLighthouse = false;
        session.Node.Disturbed();
        pool.Auditor?.ConnectionClosed(session.Node.Id);
        if (sessions.GetValueOrDefault(session.Node.Id) == session)
        {
            sessions.Remove(session.Node.Id);
        }

        session.Node.Link.CloseDownwards(session);
        Tell(session, () => Send(new Envelope(Address.Fleet, new NodeClosed(session.Node.Id, session.BootId, session.Connection, goodbye))));
    }

    public void FromNode(Session session, Address to, Message message)
    {
        if (message is NodeHeartbeat beat)
        {
            session.Node.HeardAt = IsReplaced ? session.Node.HeardAt : pool.Queue.Now;
            // The session's own word: not lost once it arrived, but it may come after a newer session's.
            Tell(session, () => DeliverToFleet(message));
            if (!pool.IsHealed && rng.Chance(pool.Faults.Rate(FaultKind.LocalDuplicated)))
            {
                pool.Tally.Count(FaultKind.LocalDuplicated);
                Plan(pool.Queue.Now + rng.Between(0, Virtual.Second), () => DeliverToFleet(beat with { Offer = null }));
            }

            return;
        }

        Send(new Envelope(to, message is TaskFinished { Inline: not null } finished ? finished with { Inline = null } : message));
    }

    /// <summary>A session's own words keep their order, among themselves and not with those of another session.</summary>
    private void Tell(Session session, Action deliver)
    {
        session.ToFleet.LastArrival = Math.Max(session.ToFleet.LastArrival, pool.Queue.Now + rng.Between(0, rng.Pick(1, 1, 1, 50) * Virtual.Millisecond));
        Plan(session.ToFleet.LastArrival, deliver);
    }
}
