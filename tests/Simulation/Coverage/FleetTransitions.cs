using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Simulation.Coverage;

/// <summary>What the Fleet may live through: messages by the presence of the node, the job's demand, or the lease that they are about.</summary>
internal static class FleetTransitions
{
    public const string Machine = "Fleet";

    public const string Starting = "fleet starting";
    public const string Started = "fleet started";

    public const string NodeUnknown = "node unknown";
    public const string NodeHere = "node here";
    public const string NodeIsClosing = "node closing";
    public const string NodeOffline = "node offline";

    public const string DemandUnknown = "demand unknown";
    public const string DemandKnown = "demand known";

    public const string LeaseUnknown = "lease unknown";
    public const string LeaseAwaited = "lease awaited";
    public const string LeaseOurs = "lease granted";
    public const string LeaseOver = "lease over";

    private static readonly string[] Nodes = [NodeUnknown, NodeHere, NodeIsClosing, NodeOffline];
    private static readonly string[] KnownNodes = [NodeHere, NodeIsClosing, NodeOffline];
    private static readonly string[] Demands = [DemandUnknown, DemandKnown];

    public static IReadOnlyList<Transition> All { get; } =
    [
        .. Transitions.Table(
            Machine,
            (nameof(FleetStarted), [Starting]),
            (nameof(FleetBegan), [Starting]),
            (nameof(Tick), [Started]),
            (nameof(Placed), [Started]),
            (nameof(RecallsPlanned), [Started]),
            (nameof(NodeReserved), [NodeHere]),
            (nameof(NodeBlamed), Nodes),
            (nameof(BlameNoted), KnownNodes),
            (nameof(NodeRests), KnownNodes),
            (nameof(NodeUnreserved), Nodes),
            ($"{nameof(NodeConnected)} same boot", KnownNodes),
            ($"{nameof(NodeConnected)} new boot", Nodes),
            ($"{nameof(NodeHeartbeat)} of the connection", KnownNodes),
            ($"{nameof(NodeHeartbeat)} of another", Nodes),
            ($"{nameof(NodeClosed)} of the connection", [NodeHere, NodeIsClosing, NodeOffline]),
            ($"{nameof(NodeClosed)} of another", Nodes),
            ($"{nameof(NodeClosed)} goodbye", [NodeHere, NodeOffline]), // each connection ends once, or is told twice
            (nameof(NodeRemembered), [NodeUnknown]),
            (nameof(NodeHeard), Nodes),
            (nameof(NodeClosing), [NodeHere]),
            ($"{nameof(NodeWentOffline)} closed", [NodeHere, NodeIsClosing, NodeOffline]),
            ($"{nameof(NodeWentOffline)} silent", [NodeHere]),
            (nameof(NodeForgotten), [NodeOffline])), // where a thousand others are offline
        .. Transitions.Table(
            Machine,
            (nameof(Demand), Demands),
            (nameof(DemandEnded), Demands),
            (nameof(DemandHeard), Demands),
            ($"{nameof(DemandHeard)} awaiting", Demands),
            (nameof(DemandDropped), [DemandKnown]),
            (nameof(JobPaused), [DemandKnown]),
            (nameof(JobUnpaused), Demands),
            (nameof(ReleaseLease), [LeaseUnknown, LeaseAwaited, LeaseOurs, LeaseOver]),
            ($"{nameof(ReleaseLease)} refused", [LeaseUnknown, LeaseAwaited, LeaseOurs, LeaseOver]),
            (nameof(ReduceLease), [LeaseUnknown, LeaseAwaited, LeaseOurs, LeaseOver]),
            (nameof(LeaseReduced), [LeaseOurs]),
            (nameof(LeaseRecalled), [LeaseOurs]),
            (nameof(LeaseMade), [LeaseUnknown, LeaseAwaited, LeaseOver]),
            (nameof(LeaseFreed), [LeaseOurs, LeaseOver]), // over already when its node and its job end in one step
            ($"{nameof(LeaseFreed)} wants less", [LeaseOurs]),
            (nameof(AwaitedGone), [LeaseAwaited]),
            ($"{nameof(AwaitedGone)} wants less", [LeaseAwaited])),
    ];
}

/// <summary>Watches one Fleet.</summary>
internal sealed class FleetWatch(Transitions transitions) : Pool.IWatch<FleetEvent>
{
    private readonly Dictionary<string, Seen> nodes = new(StringComparer.Ordinal); // looked up, never walked
    private readonly Dictionary<string, string> leases = new(StringComparer.Ordinal); // looked up, never walked
    private readonly HashSet<string> demands = new(StringComparer.Ordinal); // looked up, never walked
    private string fleet = FleetTransitions.Starting;

    private readonly record struct Seen(string Presence, string BootId, long Connection);

    public void Hears(Message message)
    {
        switch (message)
        {
            case NodeConnected m:
                Take(Node(m.NodeId).Presence, $"{nameof(NodeConnected)} {(Node(m.NodeId).BootId == m.BootId ? "same boot" : "new boot")}");
                break;
            case NodeHeartbeat m:
                Take(Node(m.NodeId).Presence, Of(nameof(NodeHeartbeat), m.NodeId, m.Connection));
                break;
            case NodeClosed m:
                Take(Node(m.NodeId).Presence, m.Goodbye && Node(m.NodeId).Connection == m.Connection ? $"{nameof(NodeClosed)} goodbye" : Of(nameof(NodeClosed), m.NodeId, m.Connection));
                break;
            case Demand m:
                Take(OfJob(m.JobId), nameof(Demand));
                break;
            case DemandEnded m:
                Take(OfJob(m.JobId), nameof(DemandEnded));
                break;
            case NodeBlamed m:
                Take(Node(m.NodeId).Presence, nameof(NodeBlamed));
                break;
            case ReduceLease m:
                Take(Lease(m.LeaseId), nameof(ReduceLease));
                break;
            case ReleaseLease m:
                Take(Lease(m.LeaseId), m.Refused ? $"{nameof(ReleaseLease)} refused" : nameof(ReleaseLease));
                break;
            default:
                Take(fleet, message.GetType().Name);
                break;
        }
    }

    public void Applies(FleetEvent e)
    {
        switch (e)
        {
            case NodeRemembered m:
                Move(m.Node.NodeId, nameof(NodeRemembered), new Seen(FleetTransitions.NodeOffline, "", -1));
                break;
            case NodeHeard m:
                Move(m.NodeId, nameof(NodeHeard), new Seen(FleetTransitions.NodeHere, m.BootId, m.Connection));
                break;
            case NodeClosing m:
                Move(m.NodeId, nameof(NodeClosing), Node(m.NodeId) with { Presence = FleetTransitions.NodeIsClosing });
                break;
            case NodeWentOffline m:
                Move(m.NodeId, $"{nameof(NodeWentOffline)} {(m.Closed ? "closed" : "silent")}", Node(m.NodeId) with { Presence = FleetTransitions.NodeOffline });
                break;
            case NodeForgotten m:
                Take(Node(m.NodeId).Presence, nameof(NodeForgotten));
                nodes.Remove(m.NodeId);
                break;
            case DemandHeard m:
                Take(OfJob(m.Demand.JobId), m.Awaited.Count > 0 ? $"{nameof(DemandHeard)} awaiting" : nameof(DemandHeard));
                demands.Add(m.Demand.JobId);
                foreach (var lease in m.Awaited)
                {
                    leases[lease.Id] = FleetTransitions.LeaseAwaited;
                }

                break;
            case DemandDropped m:
                Take(OfJob(m.JobId), nameof(DemandDropped));
                demands.Remove(m.JobId);
                break;
            case JobPaused m:
                Take(OfJob(m.JobId), nameof(JobPaused));
                break;
            case JobUnpaused m:
                Take(OfJob(m.JobId), nameof(JobUnpaused));
                break;
            case BlameNoted m:
                Take(Node(m.NodeId).Presence, nameof(BlameNoted));
                break;
            case NodeRests m:
                Take(Node(m.NodeId).Presence, nameof(NodeRests));
                break;
            case NodeReserved m:
                Take(Node(m.NodeId).Presence, nameof(NodeReserved));
                break;
            case NodeUnreserved m:
                Take(Node(m.NodeId).Presence, nameof(NodeUnreserved));
                break;
            case LeaseReduced m:
                Take(Lease(m.LeaseId), nameof(LeaseReduced));
                break;
            case LeaseRecalled m:
                Take(Lease(m.LeaseId), nameof(LeaseRecalled));
                break;
            case LeaseMade m:
                MoveLease(m.Lease.Id, nameof(LeaseMade), FleetTransitions.LeaseOurs);
                break;
            case LeaseFreed m:
                MoveLease(m.LeaseId, m.WantsLess ? $"{nameof(LeaseFreed)} wants less" : nameof(LeaseFreed), FleetTransitions.LeaseOver);
                break;
            case AwaitedGone m:
                MoveLease(m.Lease.Id, m.WantsLess ? $"{nameof(AwaitedGone)} wants less" : nameof(AwaitedGone), FleetTransitions.LeaseOver);
                break;
            default:
                Take(fleet, e.GetType().Name);
                fleet = FleetTransitions.Started;
                break;
        }
    }

    private Seen Node(string id) => nodes.GetValueOrDefault(id, new Seen(FleetTransitions.NodeUnknown, "", -1));

    private string OfJob(string id) => demands.Contains(id) ? FleetTransitions.DemandKnown : FleetTransitions.DemandUnknown;

    private string Lease(string id) => leases.GetValueOrDefault(id, FleetTransitions.LeaseUnknown);

    private string Of(string what, string nodeId, long connection) =>
        $"{what} {(Node(nodeId).Connection == connection ? "of the connection" : "of another")}";

    private void Move(string nodeId, string what, Seen to)
    {
        Take(Node(nodeId).Presence, what);
        nodes[nodeId] = to;
    }

    private void MoveLease(string id, string what, string to)
    {
        Take(Lease(id), what);
        leases[id] = to;
    }

    private void Take(string state, string what) => transitions.Take(FleetTransitions.Machine, state, what);
}
