using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>All nodes, who holds what of them, and the queue of those who wait. Not journaled.</summary>
public sealed partial class FleetMachine : IMachine<FleetMachine, FleetEvent>
{
    private long epoch;
    private DateTimeOffset? startedAt;

    private FleetMachine(Address self) => Self = self;

    public Address Self { get; }

    /// <summary>The time before everything: at once.</summary>
    public DateTimeOffset? Deadline
    {
        get
        {
            if (startedAt is not null && (changedNodes.Count > 0 || grown.Count > 0))
            {
                return DateTimeOffset.MinValue;
            }

            DateTimeOffset? due = nodesByDue.Min?.Due;
            due = demandsByDue.Min?.Due is { } demand && !(due <= demand) ? demand : due;
            due = recallsDue is { } recalls && startedAt is not null && !(due <= recalls) ? recalls : due;
            due = rests.Count > 0 && !(due <= rests.Min.Until) ? rests.Min.Until : due;
            return pauses.Count > 0 && pauses.Min.Until is var pause && !(due <= pause) ? pause : due;
        }
    }

    public static FleetMachine Create(Address self) => new(self);

    public Step<FleetEvent> Decide(Message message, DateTimeOffset now)
    {
        var draft = new Draft<FleetEvent>();
        switch (message)
        {
            case NodeHeartbeat heartbeat:
                Hear(heartbeat, now, draft);
                break;
            case Demand demand:
                Hear(demand, now, draft);
                break;
            case ReleaseLease release:
                Release(release, now, draft);
                break;
            case ReduceLease reduce:
                Reduce(reduce, draft);
                break;
            case NodeBlamed blamed:
                Hear(blamed, now, draft);
                break;
            case DemandEnded ended:
                EndDemand(ended.JobId, draft);
                break;
            case NodeConnected connected:
                Connect(connected, now, draft);
                break;
            case NodeClosed closed:
                Close(closed, now, draft);
                break;
            case Tick:
                Round(now, draft);
                break;
            case FleetStarted started when started.Epoch > epoch:
                draft.Add(new FleetBegan(started.Epoch, now));
                Remember(started.Known, now, draft);
                break;
            default:
                break; // nobody's business here
        }

        return draft.ToStep();
    }

    /// <summary>Places what changed, if anything did; else ends what is due.</summary>
    private void Round(DateTimeOffset now, Draft<FleetEvent> draft)
    {
        if (Deadline == DateTimeOffset.MinValue)
        {
            Place(now, draft);
            return;
        }

        if (recallsDue <= now && startedAt is not null)
        {
            PlanRecalls(now, draft);
            return;
        }

        var overdue = nodesByDue.TakeWhile(n => n.Due <= now).ToList();
        ForgetOffline(overdue.Count(n => n.Presence == NodePresence.Closing), draft);
        foreach (var node in overdue)
        {
            EndPatience(node, now, draft);
        }

        foreach (var demand in demandsByDue.TakeWhile(d => d.Due <= now))
        {
            Expire(demand, draft);
        }

        foreach (var (_, nodeId) in rests.TakeWhile(r => r.Until <= now))
        {
            draft.Add(new NodeRests(nodeId, null));
        }

        foreach (var pause in pauses.TakeWhile(p => p.Until <= now))
        {
            draft.Add(new JobUnpaused(pause.JobId, pause.NodeId, pause.Until));
        }
    }
}
