using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>One job: its tasks, attempts, retries and end.</summary>
public sealed partial class JobSupervisor : IMachine<JobSupervisor, JobEvent>
{
    private readonly JobLeases leases = new();
    private readonly Dictionary<int, RunningAttempt> running = []; // by task; looked up, never walked
    private readonly SupersededAttempts superseded = new();
    private readonly Dictionary<int, Failures> failures = []; // of tasks without a result; looked up, never walked
    private readonly CoolingTasks cooling = new();
    private PendingTasks pending = new(0);
    private TaskChunks chunks = new(0);
    private ItemPace pace;

    private JobSupervisor(Address self) => Self = self;

    public Address Self { get; }

    /// <summary>False until the job was submitted: a supervisor of an id that nobody knows.</summary>
    public bool Exists => Spec is not null;

    public JobSpec? Spec { get; private set; }

    public bool HasEnded { get; private set; }

    /// <summary>All tasks have their results.</summary>
    private bool IsDone => IsDoneAfter(0);

    /// <summary>Tasks that a node may have now; of items that no task has yet each may be one.</summary>
    private int Waiting => pending.Count + cooling.Ready + chunks.Left;

    /// <summary>Null when the job is unknown or over. The time before everything: at once.</summary>
    public DateTimeOffset? Deadline
    {
        get
        {
            if (!Exists || HasEnded)
            {
                return null;
            }

            if (resumedAt is null || fillDue || IsDone || HasFailed)
            {
                return DateTimeOffset.MinValue;
            }

            if (IsWaiting)
            {
                return askDue;
            }

            var due = recoveryEnds < demandDue ? recoveryEnds : demandDue;
            return cooling.NextDue is { } cool && !(due <= cool) ? cool : due;
        }
    }

    /// <summary>One has failed for good and the others are not to go on.</summary>
    private bool HasFailed => Failed > 0 && !Spec!.KeepGoing;

    private bool IsDoneAfter(int results) => chunks.Left == 0 && Succeeded + Failed + results == chunks.Made;

    public static JobSupervisor Create(Address self) => new(self);

    public Step<JobEvent> Decide(Message message, DateTimeOffset now)
    {
        var draft = new Draft<JobEvent>();
        if (Exists && !HasEnded && resumedAt is null)
        {
            draft.Add(new Resumed(now));
        }

        switch (message)
        {
            case TaskFinished finished:
                Finish(finished, now, draft);
                break;
            case LeaseGranted granted:
                TakeLease(granted.Lease, now, draft);
                break;
            case LeaseEnded ended:
                EndLease(ended, now, draft);
                break;
            case RecallSlots recall when Exists && !HasEnded:
                Recall(recall, draft);
                break;
            case WorkerReport report:
                Compare(report, now, draft);
                break;
            case AttemptsRefused refused:
                GiveUp(refused.NodeId, refused.Attempts, $"refused: {refused.Reason}", refused: true, now, draft);
                break;
            case AttemptsReturned returned:
                GiveUp(returned.NodeId, returned.Attempts, "handed back by its node", refused: false, now, draft);
                break;
            case Tick:
                Round(now, draft);
                break;
            case SubmitJob submit:
                Submit(submit, now, draft);
                break;
            case CancelJob cancel:
                Cancel(cancel, now, draft);
                break;
            case RetryJob retry:
                Retry(retry, now, draft);
                break;
            case AskOutcome ask:
                Answer(ask, draft);
                break;
            case JobOutcome outcome when Exists && !HasEnded:
                Hear(outcome, now, draft);
                break;
            case ResultsGathered found when Exists && !HasEnded:
                Hear(found, now, draft);
                break;
            default:
                break; // nobody's business here
        }

        TellAskers(draft);
        return draft.ToStep();
    }
}
