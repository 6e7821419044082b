using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work.Machine;

/// <summary>What a node decides about its attempts: accept, refuse, run, stop, report. Its executor acts.</summary>
public sealed partial class Worker : IMachine<Worker, WorkerEvent>
{
    private string nodeId = "";
    private string bootId = "";
    private Resources lent = Resources.None;
    private bool paused;
    private bool draining;
    private bool drainTold;
    private bool linkIsUp;
    private long connection;

    private Worker(Address self) => Self = self;

    public Address Self { get; }

    /// <summary>The time before everything: at once.</summary>
    public DateTimeOffset? Deadline
    {
        get
        {
            if (IsDrained)
            {
                return DateTimeOffset.MinValue;
            }

            var due = byDue.Min?.Due;
            return attemptCount > 0 && !(due <= reportDue) ? reportDue : due;
        }
    }

    public static Worker Create(Address self) => new(self);

    public Step<WorkerEvent> Decide(Message message, DateTimeOffset now)
    {
        var draft = new Draft<WorkerEvent>();
        switch (message)
        {
            case Assign assign:
                Take(assign, now, draft);
                break;
            case AttemptStarted started:
                Ran(started, now, draft);
                break;
            case AttemptEnded ended:
                End(ended, draft);
                break;
            case AttemptStored stored:
                Finish(stored, now, draft);
                break;
            case ResultAck ack:
                Acknowledge(ack, draft);
                break;
            case StopAttempts stop:
                Stop(stop.JobId, stop.Attempts, now, draft);
                break;
            case ClaimAttempts claim:
                draft.Add(new AttemptsClaimed(claim.JobId, claim.Attempts, now));
                break;
            case Tick:
                Round(now, draft);
                break;
            case LinkUp up:
                ReportAll(up.Connection, now, draft);
                break;
            case LinkDown:
                draft.Add(new LinkFell());
                break;
            case LendChanged changed:
                Lend(changed, draft);
                break;
            case Drain:
                BeginDrain(now, draft);
                break;
            case WorkerStarted started:
                draft.Add(new WorkerBegan(started.NodeId, started.BootId, started.Lent));
                break;
            default:
                break; // nobody's business here
        }

        return draft.ToStep();
    }

    /// <summary>
    /// Leases with attempts here, for the heartbeat, by id. One whose attempts have ended uses nothing, and is held until their
    /// results are acknowledged: a new Fleet that did not hear of it would end it, and their tasks would run again.
    /// </summary>
    public IReadOnlyList<HeldLease> Held() =>
        [.. leases.Values.Select(l => new HeldLease(l.Lease.Id, l.Lease.JobId, l.Lease.Epoch, l.InUse))];

    /// <summary>Everything was handed back or acknowledged, and the executor does not know it yet.</summary>
    private bool IsDrained => draining && !drainTold && attemptCount == 0;

    private WorkerAttempt? Find(string jobId, AttemptRef id) => jobs.GetValueOrDefault(jobId)?.Attempts.GetValueOrDefault(id);

    private static DateTimeOffset Again(DateTimeOffset now) => now + TimeSpan.FromSeconds(WorkerLimits.RepeatSeconds);
}
