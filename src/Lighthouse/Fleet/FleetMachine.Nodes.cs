using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

public sealed partial class FleetMachine
{
    private void Remember(IReadOnlyList<KnownNode> known, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        foreach (var node in known.Where(n => !nodes.ContainsKey(n.NodeId)).Take(Math.Max(0, FleetLimits.OfflineMax - offline.Count)))
        {
            var seen = node.LastSeen < now ? node.LastSeen : now; // the clock was another one
            if (now - seen < TimeSpan.FromHours(FleetLimits.OfflineHours))
            {
                draft.Add(new NodeRemembered(node with { LastSeen = seen }));
            }
        }
    }

    /// <summary>May come again at any time in a session: it says all that a heartbeat says, and more.</summary>
    private void Connect(NodeConnected c, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        var node = nodes.GetValueOrDefault(c.NodeId);
        if (node is not null && IsStale(node, c.Connection))
        {
            return;
        }

        Hear(node, new NodeHeard(c.NodeId, c.Name, c.Owner, c.BootId, c.Connection, c.Offer, c.Usage, c.Held, now), draft);
    }

    private void Hear(NodeHeartbeat h, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        if (nodes.GetValueOrDefault(h.NodeId) is not { HasConnected: true } node || IsStale(node, h.Connection))
        {
            return; // a node has to connect first
        }

        Hear(node, new NodeHeard(h.NodeId, node.Name, node.Owner, h.BootId, h.Connection, h.Offer ?? node.Offer, h.Usage, h.Held, now), draft);
    }

    private void Hear(FleetNode? node, NodeHeard heard, Draft<FleetEvent> draft)
    {
        EndLeasesOfOtherBoot(node, heard.BootId, draft);
        draft.Add(heard);
        HearOfAwaited(heard, (node is not null && node.BootId == heard.BootId ? node : new FleetNode(heard.NodeId)).FreeAfter(heard), draft);
    }

    private void Close(NodeClosed closed, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        if (nodes.GetValueOrDefault(closed.NodeId) is not { } node || closed.Connection != node.Connection)
        {
            return;
        }

        if (closed.Goodbye && node.Presence != NodePresence.Offline)
        {
            EndLeases(node, LeaseEndReason.NodeLeaving, draft);
            EndAwaited(node, LeaseEndReason.NodeLeaving, draft);
            ForgetOffline(1, draft);
            GoOffline(node, closed: true, isLoss: false, now, draft);
        }
        else if (node.Presence == NodePresence.Here)
        {
            draft.Add(new NodeClosing(node.Id, now));
        }
        else if (!node.IsClosed)
        {
            ForgetOffline(1, draft);
            GoOffline(node, closed: true, isLoss: false, now, draft); // silent so far
        }
    }

    /// <summary>It was silent, did not come back, or was away for so long that it is forgotten.</summary>
    private void EndPatience(FleetNode node, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        if (node.Presence == NodePresence.Offline)
        {
            draft.Add(new NodeForgotten(node.Id));
            return;
        }

        var closed = node.Presence == NodePresence.Closing;
        var held = node.Leases.Count > 0;
        var reason = closed ? LeaseEndReason.NodeGone : LeaseEndReason.NodeSilent;
        EndLeases(node, reason, draft);
        EndAwaited(node, reason, draft);
        GoOffline(node, closed, held, now, draft);
    }

    private static void GoOffline(FleetNode node, bool closed, bool isLoss, DateTimeOffset now, Draft<FleetEvent> draft) =>
        draft.Add(new NodeWentOffline(node.Id, closed, now, isLoss));

    /// <summary>Room for those that go offline in this step; who is away longest is forgotten.</summary>
    private void ForgetOffline(int going, Draft<FleetEvent> draft)
    {
        foreach (var node in offline.Take(Math.Max(0, offline.Count + going - FleetLimits.OfflineMax)))
        {
            draft.Add(new NodeForgotten(node.Id));
        }
    }

    private static bool IsStale(FleetNode node, long connection) =>
        connection < node.Connection || connection <= node.ClosedConnection;

    private static void EndLeasesOfOtherBoot(FleetNode? node, string bootId, Draft<FleetEvent> draft)
    {
        if (node is not null && node.BootId != bootId)
        {
            EndLeases(node, LeaseEndReason.NodeRestarted, draft);
        }
    }

    /// <summary>
    /// What a job that was heard first waits for. It is settled now and not with the job's next demand: if the node goes
    /// before that, the job is to know within the second.
    /// </summary>
    private void HearOfAwaited(NodeHeard heard, Resources free, Draft<FleetEvent> draft)
    {
        foreach (var lease in awaited.Of(heard.NodeId))
        {
            if (lease.BootId == heard.BootId && startedAt is not null && heard.Held.FirstOrDefault(h => h.LeaseId == lease.Id) is { } held)
            {
                free = free.Plus(held.InUse);
                var adopted = lease with { Epoch = epoch, Connection = heard.Connection, Slots = Placement.SlotsOfAdopted(lease, free) };
                free = free.Minus(adopted.PerTask.Times(adopted.Slots));
                draft.Add(new LeaseMade(adopted));
                draft.Send(Address.Job(lease.JobId), new LeaseGranted(adopted));
            }
            else if (lease.BootId != heard.BootId && lease.Connection < heard.Connection)
            {
                EndAwaited(lease, LeaseEndReason.NodeRestarted, draft);
            }
        }
    }

    /// <summary>The node went before it reported them.</summary>
    private void EndAwaited(FleetNode node, LeaseEndReason reason, Draft<FleetEvent> draft)
    {
        foreach (var lease in awaited.Of(node.Id).Where(l => l.BootId == node.BootId))
        {
            EndAwaited(lease, reason, draft);
        }
    }

    private static void EndAwaited(Lease lease, LeaseEndReason reason, Draft<FleetEvent> draft)
    {
        draft.Add(new AwaitedGone(lease, WantsLess: false));
        draft.Send(Address.Job(lease.JobId), new LeaseEnded(lease.Id, lease.NodeId, reason));
    }

    private static void EndLeases(FleetNode node, LeaseEndReason reason, Draft<FleetEvent> draft)
    {
        foreach (var lease in node.Leases)
        {
            draft.Add(new LeaseFreed(lease.Id, WantsLess: false));
            draft.Send(Address.Job(lease.JobId), new LeaseEnded(lease.Id, node.Id, reason));
        }
    }
}
