using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

public sealed partial class FleetMachine
{
    private readonly record struct Pause(DateTimeOffset Until, string JobId, string NodeId);

    private readonly SortedDictionary<string, FleetNode> nodes = new(StringComparer.Ordinal);
    private readonly SortedSet<FleetNode> nodesByDue = new(ByDue);

    /// <summary>Those that may be forgotten: a heartbeat of a silent one would not bring it back, as it does not say its name.</summary>
    private readonly SortedSet<FleetNode> offline = new(ByDue);

    /// <summary>Nodes that may get a lease and have a core free.</summary>
    private readonly SortedDictionary<string, FleetNode> roomy = new(StringComparer.Ordinal);

    /// <summary>Nodes that got room, or changed, since those who wait were last looked at.</summary>
    private readonly SortedDictionary<string, FleetNode> changedNodes = new(StringComparer.Ordinal);

    private readonly Dictionary<string, FleetDemand> demands = new(StringComparer.Ordinal); // by job; looked up, never walked
    private readonly SortedSet<FleetDemand> demandsByDue = new(
        Comparer<FleetDemand>.Create((a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : string.CompareOrdinal(a.JobId, b.JobId)));

    /// <summary>Those who hold something or wait.</summary>
    private readonly SortedDictionary<string, FleetPerson> people = new(StringComparer.Ordinal);

    /// <summary>People with jobs that want more than at the last look.</summary>
    private readonly SortedSet<string> grown = new(StringComparer.Ordinal);
    private readonly AwaitedLeases awaited = new();
    private readonly SortedSet<Pause> pauses = new(Comparer<Pause>.Create(Compare));
    private readonly Dictionary<string, Lease> leases = new(StringComparer.Ordinal); // looked up, never walked
    private long leaseNumber;
    private DateTimeOffset latest;

    private static Comparer<FleetNode> ByDue { get; } = Comparer<FleetNode>.Create(
        (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : string.CompareOrdinal(a.Id, b.Id));

    public FleetMachine Apply(FleetEvent e)
    {
        switch (e)
        {
            case NodeRemembered { Node: var known }:
                nodes.Add(known.NodeId, new FleetNode(known.NodeId));
                Change(nodes[known.NodeId], n => n.Remember(known));
                break;
            case NodeHeard heard:
                latest = heard.At;
                ApplyHeard(heard);
                break;
            case DemandHeard heard:
                latest = heard.At;
                ApplyDemand(heard);
                break;
            case LeaseMade made:
                ApplyMade(made.Lease);
                break;
            case LeaseFreed freed:
                ApplyFreed(freed);
                break;
            case LeaseReduced reduced when leases.TryGetValue(reduced.LeaseId, out var lease):
                ApplyReduced(lease, reduced.Slots);
                break;
            case LeaseRecalled recalled:
                this.recalled[recalled.LeaseId] = new RecalledLease(recalled.Slots, recalled.At);
                break;
            case NodeReserved reserved:
                this.reserved[reserved.NodeId] = reserved.JobId;
                break;
            case NodeUnreserved unreserved:
                Unreserve(unreserved.NodeId);
                break;
            case RecallsPlanned planned:
                latest = planned.At;
                recallsPlannedAt = planned.At;
                recallsDue = AnyoneWaits ? planned.At + TimeSpan.FromSeconds(FleetLimits.RecallEverySeconds) : null;
                break;
            case AwaitedGone gone:
                ApplyAwaitedGone(gone);
                break;
            case DemandDropped dropped when demands.Remove(dropped.JobId, out var demand):
                demandsByDue.Remove(demand);
                Unqueue(demand);
                ForgetIdle(demand.Owner);
                foreach (var lease in demand.Awaited)
                {
                    awaited.Remove(lease);
                }

                break;
            case Placed placed:
                latest = placed.At;
                ApplyPlaced(placed.At);
                break;
            case NodeClosing closing:
                latest = closing.At;
                Change(nodes[closing.NodeId], n => n.Close(closing.At));
                break;
            case NodeWentOffline gone:
                latest = gone.At;
                Change(nodes[gone.NodeId], n => n.GoOffline(gone.At, gone.Closed, gone.IsLoss));
                break;
            case NodeForgotten forgotten when nodes.Remove(forgotten.NodeId, out var node):
                nodesByDue.Remove(node);
                offline.Remove(node);
                blames.Remove(node.Id);
                rests.RemoveWhere(r => r.NodeId == node.Id);
                break;
            case BlameNoted noted:
                ApplyBlame(noted);
                break;
            case NodeRests resting:
                ApplyRests(resting);
                break;
            case JobPaused paused:
                ApplyPaused(paused);
                break;
            case JobUnpaused unpaused:
                ApplyUnpaused(unpaused);
                break;
            case FleetBegan began:
                (epoch, startedAt, latest) = (began.Epoch, began.At, began.At);
                break;
            default:
                break; // about what is gone already
        }

        return this;
    }

    private void ApplyHeard(NodeHeard heard)
    {
        if (!nodes.TryGetValue(heard.NodeId, out var node))
        {
            nodes.Add(heard.NodeId, node = new FleetNode(heard.NodeId));
        }

        Change(node, n => n.Heard(heard));
    }

    private void ApplyDemand(DemandHeard heard)
    {
        if (!demands.TryGetValue(heard.Demand.JobId, out var demand))
        {
            demands.Add(heard.Demand.JobId, demand = new FleetDemand(heard.Demand, heard.At));
        }

        foreach (var (nodeId, speed) in heard.Demand.Speeds)
        {
            nodes.GetValueOrDefault(nodeId)?.ShowsSpeed(speed);
        }

        demandsByDue.Remove(demand);
        foreach (var lease in demand.Awaited)
        {
            awaited.Remove(lease);
        }

        var grew = demand.Heard(heard.Demand, heard.Awaited, heard.At);
        demandsByDue.Add(demand);
        foreach (var lease in demand.Awaited)
        {
            awaited.Add(lease);
        }

        Queue(demand, grew);
    }

    private void ApplyMade(Lease lease)
    {
        leaseNumber++;
        leases[lease.Id] = lease;
        Change(nodes[lease.NodeId], n => n.Add(lease));
        awaited.Remove(lease);
        var demand = demands[lease.JobId];
        demand.Add(lease);
        Person(demand.Owner).Took(demand, lease, leaseNumber);
        if (demand.Demand.Data is { } data)
        {
            nodes[lease.NodeId].ReadsData(data);
        }

        if (reserved.GetValueOrDefault(lease.NodeId) == lease.JobId)
        {
            Unreserve(lease.NodeId);
        }

        Queue(demand, false);
    }

    private void ApplyFreed(LeaseFreed freed)
    {
        if (!leases.Remove(freed.LeaseId, out var lease))
        {
            return;
        }

        recalled.Remove(freed.LeaseId);

        if (nodes.TryGetValue(lease.NodeId, out var node))
        {
            Change(node, n => n.Remove(lease, freed.IsInUse));
        }

        if (demands.TryGetValue(lease.JobId, out var demand))
        {
            var missing = demand.SlotsMissing;
            demand.Remove(lease, freed.WantsLess);
            Person(demand.Owner).GaveBack(demand, lease, leaseNumber);
            Queue(demand, demand.SlotsMissing > missing);
        }
    }

    private void ApplyReduced(Lease lease, int slots)
    {
        var reduced = lease with { Slots = slots };
        leases[lease.Id] = reduced;
        if (recalled.TryGetValue(lease.Id, out var wanted) && wanted.Keeps >= slots)
        {
            recalled.Remove(lease.Id);
        }

        Change(nodes[lease.NodeId], n => n.Reduce(lease, slots));
        var demand = demands[lease.JobId];
        demand.Add(reduced);
        Person(demand.Owner).Reduced(lease, slots, leaseNumber);
        Queue(demand, true);
    }

    private void ApplyAwaitedGone(AwaitedGone gone)
    {
        awaited.Remove(gone.Lease);
        if (demands.TryGetValue(gone.Lease.JobId, out var demand))
        {
            var missing = demand.SlotsMissing;
            demand.StopAwaiting(gone.Lease.Id, gone.WantsLess);
            Queue(demand, demand.SlotsMissing > missing);
        }
    }

    private void ApplyPaused(JobPaused paused)
    {
        if (demands.TryGetValue(paused.JobId, out var demand))
        {
            demand.Pause(paused.NodeId, paused.Until);
            pauses.Add(new Pause(paused.Until, paused.JobId, paused.NodeId));
        }
    }

    private void ApplyUnpaused(JobUnpaused unpaused)
    {
        pauses.Remove(new Pause(unpaused.Until, unpaused.JobId, unpaused.NodeId));
        if (demands.TryGetValue(unpaused.JobId, out var demand) && demand.Unpause(unpaused.NodeId, unpaused.Until))
        {
            Queue(demand, true);
        }
    }

    /// <summary>Changes a node and the indexes that it stands in.</summary>
    private void Change(FleetNode node, Action<FleetNode> change)
    {
        var (free, offer, took, name) = (node.Free, node.Offer, node.TakesLeases, node.Name);
        lent = lent.Minus(node.Lends);
        nodesByDue.Remove(node);
        offline.Remove(node);
        change(node);
        lent = lent.Plus(node.Lends);
        nodesByDue.Add(node);
        if (node is { Presence: NodePresence.Offline, IsClosed: true })
        {
            offline.Add(node);
        }

        if (!node.TakesLeases || node.Free.Cores <= 0)
        {
            roomy.Remove(node.Id);
            changedNodes.Remove(node.Id);
            return;
        }

        roomy[node.Id] = node;
        if (!took || !node.Free.FitsIn(free) || !ReferenceEquals(offer, node.Offer) || name != node.Name)
        {
            changedNodes[node.Id] = node;
        }
    }

    private static int Compare(Pause a, Pause b)
    {
        var order = a.Until.CompareTo(b.Until);
        order = order != 0 ? order : string.CompareOrdinal(a.JobId, b.JobId);
        return order != 0 ? order : string.CompareOrdinal(a.NodeId, b.NodeId);
    }
}
