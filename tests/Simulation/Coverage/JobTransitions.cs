using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Simulation.Coverage;

/// <summary>What a JobSupervisor may live through: messages by the state of the job, and by that of the attempts they name.</summary>
internal static class JobTransitions
{
    public const string Machine = "JobSupervisor";

    public const string Unknown = "job unknown";

    /// <summary>Read from its journal, and told nothing since.</summary>
    public const string Recovering = "job recovering";
    public const string Live = "job live";
    public const string Ended = "job ended";

    /// <summary>Nobody of this job was ever given it.</summary>
    public const string Foreign = "attempt foreign";
    public const string Current = "attempt current";

    /// <summary>Replaced; it may still win.</summary>
    public const string Late = "attempt late";

    /// <summary>Replaced, and dead for certain.</summary>
    public const string Gone = "attempt gone";

    /// <summary>It ended and its task is tried again.</summary>
    public const string Failed = "attempt failed";

    /// <summary>Its task has a result.</summary>
    public const string Done = "attempt done";

    public const string LeaseUnknown = "lease unknown";
    public const string LeaseHeld = "lease held";
    public const string LeaseOver = "lease over";

    private static readonly string[] Jobs = [Unknown, Recovering, Live, Ended];
    private static readonly string[] Attempts = [Current, Late, Gone, Failed, Done];

    /// <summary>Causes that a supervisor hears from nodes. What was cancelled is handed back or not wanted: its node does not tell its end.</summary>
    private static IEnumerable<EndCause> Ends => Enum.GetValues<EndCause>().Where(c => c is not (EndCause.Cancelled or EndCause.NodeLost));

    public static IReadOnlyList<Transition> All { get; } =
    [
        .. Transitions.Table(
            Machine,
            (nameof(SubmitJob), Jobs),
            (nameof(CancelJob), [Recovering, Live, Ended]),
            (nameof(RetryJob), [Recovering, Live, Ended]),
            (nameof(LeaseGranted), [Recovering, Live, Ended]),
            (nameof(LeaseEnded), [Recovering, Live, Ended]),
            (nameof(RecallSlots), [Recovering, Live, Ended]),
            (nameof(WorkerReport), [Recovering, Live, Ended]),
            (nameof(TaskFinished), [Recovering, Live, Ended]),
            (nameof(AttemptsRefused), [Recovering, Live, Ended]),
            (nameof(AttemptsReturned), [Recovering, Live, Ended]),
            (nameof(AskOutcome), [Recovering, Live, Ended]),
            (nameof(JobOutcome), [Recovering, Live, Ended]),
            (nameof(ResultsGathered), [Recovering, Live, Ended]),
            (nameof(Tick), [Recovering, Live]),
            (nameof(JobSubmitted), [Unknown]),
            (nameof(JobCancelled), [Live]),
            ($"{nameof(JobCompleted)} {JobState.Succeeded}", [Live]),
            ($"{nameof(JobCompleted)} {JobState.Failed}", [Live]),
            ($"{nameof(JobCompleted)} {JobState.Cancelled}", [Live]),
            (nameof(JobReopened), [Ended]),
            (nameof(InputsGathered), [Live]),
            (nameof(Resumed), [Live]),
            (nameof(OutcomeAsked), [Live]),
            (nameof(AfterAsked), [Live]),
            (nameof(AwaitedEnded), [Live]),
            (nameof(DemandSent), [Live]),
            (nameof(LeasesFilled), [Live]),
            (nameof(TasksCooled), [Live]),
            (nameof(RecoveryEnded), [Live])),
        .. Transitions.Table(
            Machine,
            ($"{nameof(WorkerReport)} names it", Attempts),
            ($"{nameof(TaskFinished)} names it", Attempts),
            ($"{nameof(AttemptsRefused)} names it", Attempts),
            ($"{nameof(AttemptsReturned)} names it", [Current, Late, Gone, Done]), // what is handed back has not ended
            (nameof(TasksAssigned), [Foreign]),
            ($"{nameof(AttemptsLost)} for certain", [Current]),
            (nameof(AttemptsLost), [Current]),
            (nameof(AttemptsAlive), [Late]),
            (nameof(AttemptsConfirmed), [Current]),
            (nameof(AssignRepeated), [Current])),
        .. Transitions.Table(
            Machine,
            ($"{nameof(LeaseGranted)} names it", [LeaseUnknown, LeaseHeld, LeaseOver]),
            ($"{nameof(LeaseEnded)} {LeaseEndReason.NodeGone}", [LeaseUnknown, LeaseHeld, LeaseOver]),
            ($"{nameof(LeaseEnded)} {LeaseEndReason.NodeSilent}", [LeaseUnknown, LeaseHeld, LeaseOver]),
            ($"{nameof(LeaseEnded)} {LeaseEndReason.NodeRestarted}", [LeaseUnknown, LeaseHeld, LeaseOver]),
            ($"{nameof(LeaseEnded)} {LeaseEndReason.NodeLeaving}", [LeaseUnknown, LeaseHeld, LeaseOver]),
            ($"{nameof(LeaseEnded)} {LeaseEndReason.Unknown}", [LeaseUnknown, LeaseHeld, LeaseOver]),
            (nameof(LeaseTaken), [LeaseUnknown, LeaseHeld]),
            (nameof(LeaseClosed), [LeaseHeld]),
            ($"{nameof(RecallSlots)} names it", [LeaseUnknown, LeaseHeld, LeaseOver]),
            (nameof(SlotsRecalled), [LeaseHeld]),
            (nameof(LeaseShrunk), [LeaseHeld]),
            (nameof(LeaseDropped), [LeaseUnknown, LeaseHeld])),
        // An end is the task's result, or the task is tried again; the end of a replaced attempt counts only as a result.
        .. Ends.SelectMany(c => new[] { $"{c} committed", $"{c} retried" })
            .Append("success committed").Append($"{EndCause.NodeLost} committed")
            .Select(end => new Transition(Machine, Current, $"{nameof(TasksEnded)} {end}")),
        .. Ends.Select(c => $"{c} committed").Append("success committed")
            .Select(end => new Transition(Machine, Late, $"{nameof(TasksEnded)} {end}")),
    ];
}

/// <summary>Watches one supervisor.</summary>
internal sealed class JobWatch(Transitions transitions) : Pool.IWatch<JobEvent>
{
    private readonly Dictionary<AttemptRef, string> attempts = []; // looked up, never walked
    private readonly Dictionary<string, string> leases = new(StringComparer.Ordinal); // looked up, never walked
    private readonly HashSet<int> done = []; // looked up, never walked
    private readonly HashSet<int> failed = []; // of those done
    private string job = JobTransitions.Unknown;
    private bool replaying = true;

    /// <summary>What its journal held is applied: from now on it is watched.</summary>
    public void WasReplayed()
    {
        replaying = false;
        job = job == JobTransitions.Live ? JobTransitions.Recovering : job;
    }

    public void Hears(Message message)
    {
        Take(job, message.GetType().Name);
        switch (message)
        {
            case WorkerReport m:
                Name(m.Attempts, nameof(WorkerReport));
                break;
            case TaskFinished m:
                Name(m.Attempt, nameof(TaskFinished));
                break;
            case AttemptsRefused m:
                Name(m.Attempts, nameof(AttemptsRefused));
                break;
            case AttemptsReturned m:
                Name(m.Attempts, nameof(AttemptsReturned));
                break;
            case LeaseGranted m:
                Take(Lease(m.Lease.Id), $"{nameof(LeaseGranted)} names it");
                break;
            case LeaseEnded m:
                Take(Lease(m.LeaseId), $"{nameof(LeaseEnded)} {m.Reason}");
                break;
            case RecallSlots m:
                Take(Lease(m.LeaseId), $"{nameof(RecallSlots)} names it");
                break;
        }

        job = job == JobTransitions.Recovering ? JobTransitions.Live : job;
    }

    public void Applies(JobEvent e)
    {
        switch (e)
        {
            case TasksAssigned m:
                leases[m.Lease.Id] = JobTransitions.LeaseHeld;
                foreach (var range in m.Tasks)
                {
                    for (var task = range.First; task < range.End; task++)
                    {
                        Move(new AttemptRef(task, range.Attempt), nameof(TasksAssigned), JobTransitions.Current);
                    }
                }

                break;
            case TasksEnded m:
                foreach (var end in m.Ends)
                {
                    var how = end.Outcome.Succeeded ? "success" : end.Outcome.Cause.ToString();
                    Move(end.Attempt, $"{nameof(TasksEnded)} {how} {(end.Committed ? "committed" : "retried")}", JobTransitions.Failed);
                    if (end.Committed)
                    {
                        done.Add(end.Attempt.Task);
                        if (!end.Outcome.Succeeded)
                        {
                            failed.Add(end.Attempt.Task);
                        }
                    }
                }

                break;
            case AttemptsLost m:
                foreach (var id in m.Attempts)
                {
                    Move(id, m.Gone ? $"{nameof(AttemptsLost)} for certain" : nameof(AttemptsLost), m.Gone ? JobTransitions.Gone : JobTransitions.Late);
                }

                break;
            case AttemptsAlive m:
                TakeAll(m.Attempts, nameof(AttemptsAlive));
                break;
            case AttemptsConfirmed m:
                TakeAll(m.Attempts, nameof(AttemptsConfirmed));
                break;
            case AssignRepeated m:
                TakeAll(m.Attempts, nameof(AssignRepeated));
                break;
            case LeaseTaken m:
                MoveLease(m.Lease.Id, nameof(LeaseTaken), JobTransitions.LeaseHeld);
                break;
            case LeaseClosed m:
                Take(Lease(m.LeaseId), nameof(LeaseClosed));
                break;
            case SlotsRecalled m:
                Take(Lease(m.LeaseId), nameof(SlotsRecalled));
                break;
            case LeaseShrunk m:
                Take(Lease(m.LeaseId), nameof(LeaseShrunk));
                break;
            case LeaseDropped m:
                MoveLease(m.LeaseId, nameof(LeaseDropped), JobTransitions.LeaseOver);
                break;
            case JobReopened:
                Take(job, nameof(JobReopened));
                job = JobTransitions.Live;
                Forget();
                break;
            default:
                Take(job, e is JobCompleted over ? $"{nameof(JobCompleted)} {over.State}" : e.GetType().Name);
                job = e is JobSubmitted ? JobTransitions.Live : e is JobCompleted ? JobTransitions.Ended : job;
                break;
        }
    }

    /// <summary>What ran when the job ended was stopped, and its leases are over.</summary>
    private void Forget()
    {
        done.ExceptWith(failed);
        failed.Clear();
        foreach (var (id, _) in attempts.Where(a => a.Value is JobTransitions.Current or JobTransitions.Late).ToList())
        {
            attempts[id] = JobTransitions.Gone;
        }

        foreach (var (id, _) in leases.ToList())
        {
            leases[id] = JobTransitions.LeaseOver;
        }
    }

    private string State(AttemptRef id) =>
        done.Contains(id.Task) ? JobTransitions.Done : attempts.GetValueOrDefault(id, JobTransitions.Foreign);

    private string Lease(string id) => leases.GetValueOrDefault(id, JobTransitions.LeaseUnknown);

    private void Name(IReadOnlyList<AttemptRef> ids, string what)
    {
        foreach (var id in ids)
        {
            Name(id, what);
        }
    }

    private void Name(AttemptRef id, string what) => Take(State(id), $"{what} names it");

    private void TakeAll(IReadOnlyList<AttemptRef> ids, string what)
    {
        foreach (var id in ids)
        {
            Take(State(id), what);
        }
    }

    private void Move(AttemptRef id, string what, string to)
    {
        Take(State(id), what);
        attempts[id] = to;
    }

    private void MoveLease(string id, string what, string to)
    {
        Take(Lease(id), what);
        leases[id] = to;
    }

    private void Take(string state, string what)
    {
        if (!replaying)
        {
            transitions.Take(JobTransitions.Machine, state, what);
        }
    }
}
