using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

public sealed partial class FleetMachine
{
    /// <summary>May come again at any time in a session: it says all that a heartbeat says, and more.</summary>
    private void Connect(NodeConnected c, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        var node = nodes.GetValueOrDefault(c.NodeId);
        if (node is not null && IsStale(node, c.Connection))
        {
            return;
        }

        EndLeasesOfOtherBoot(node, c.BootId, draft);
        draft.Add(new NodeHeard(c.NodeId, c.Name, c.Owner, c.BootId, c.Connection, c.Offer, c.Usage, c.Held, now));
        HearOfAwaited(c.NodeId, c.BootId, c.Connection, c.Held, draft);
    }

    private void Hear(NodeHeartbeat h, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        if (nodes.GetValueOrDefault(h.NodeId) is not { } node || IsStale(node, h.Connection))
        {
            return; // a node that is not known by name has to connect first
        }

        EndLeasesOfOtherBoot(node, h.BootId, draft);
        draft.Add(new NodeHeard(
            h.NodeId, node.Name, node.Owner, h.BootId, h.Connection, h.Offer ?? node.Offer, h.Usage, h.Held, now));
        HearOfAwaited(h.NodeId, h.BootId, h.Connection, h.Held, draft);
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
            GoOffline(node, closed: true, now, draft);
        }
        else if (node.Presence == NodePresence.Here)
        {
            draft.Add(new NodeClosing(node.Id, now));
        }
        else if (!node.IsClosed)
        {
            ForgetOffline(1, draft);
            GoOffline(node, closed: true, now, draft); // silent so far
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
        var reason = closed ? LeaseEndReason.NodeGone : LeaseEndReason.NodeSilent;
        EndLeases(node, reason, draft);
        EndAwaited(node, reason, draft);
        GoOffline(node, closed, now, draft);
    }

    private static void GoOffline(FleetNode node, bool closed, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        draft.Add(new NodeWentOffline(node.Id, closed, now));
    }

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
    private void HearOfAwaited(string nodeId, string bootId, long connection, IReadOnlyList<HeldLease> held, Draft<FleetEvent> draft)
    {
        foreach (var lease in awaited.Of(nodeId))
        {
            if (lease.BootId == bootId && startedAt is not null && held.Any(h => h.LeaseId == lease.Id))
            {
                var adopted = lease with { Epoch = epoch, Connection = connection };
                draft.Add(new LeaseMade(adopted));
                draft.Send(Address.Job(lease.JobId), new LeaseGranted(adopted));
            }
            else if (lease.BootId != bootId && lease.Connection < connection)
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
