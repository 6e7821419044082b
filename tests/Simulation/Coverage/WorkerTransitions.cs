using AkkaCompute.ComputeNode.Work.Machine;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Simulation.Coverage;

/// <summary>What a Worker may live through: messages by the state of the attempt that they name, and what it makes of that.</summary>
internal static class WorkerTransitions
{
    public const string Machine = "Worker";

    public const string Unknown = "attempt unknown";
    public const string Queued = "attempt queued";
    public const string Running = "attempt running";
    public const string Killed = "attempt being killed";
    public const string Stopping = "attempt stopping";
    public const string Ended = "attempt ended";
    public const string Finished = "attempt finished";
    public const string Forgotten = "attempt forgotten";

    public const string Starting = "node starting";
    public const string Idle = "node idle";
    public const string Busy = "node busy";
    public const string Draining = "node draining";

    private static readonly string[] Here = [Queued, Running, Killed, Stopping, Ended, Finished];

    public static IReadOnlyList<Transition> All { get; } =
    [
        .. Transitions.Table(
            Machine,
            (nameof(Assign), [Unknown, .. Here, Forgotten]),
            (nameof(ClaimAttempts), [Unknown, .. Here, Forgotten]),
            (nameof(StopAttempts), [Unknown, .. Here, Forgotten]),
            (nameof(ResultAck), [Unknown, Finished, Forgotten]),
            (nameof(AttemptStarted), [Running, Killed, Stopping]),
            (nameof(AttemptEnded), [Running, Killed, Stopping]),
            (nameof(AttemptStored), [Ended, Forgotten]),
            ($"{nameof(AttemptStored)} instead", [Ended, Forgotten]),
            (nameof(WorkerStarted), [Starting]),
            (nameof(LinkUp), [Idle, Busy, Draining]),
            (nameof(LinkDown), [Idle, Busy, Draining]),
            (nameof(LendChanged), [Idle, Busy, Draining]),
            ($"{nameof(LendChanged)} paused", [Idle, Busy, Draining]),
            (nameof(Drain), [Idle, Busy]),
            (nameof(Tick), [Busy, Draining])),
        .. Transitions.Table(
            Machine,
            (nameof(AttemptsQueued), [Unknown]),
            (nameof(AttemptBegun), [Queued]),
            (nameof(AttemptRan), [Running]),
            ($"{nameof(AttemptRan)} with a limit", [Running]),
            ($"{nameof(AttemptKilled)} {EndCause.Timeout}", [Running, Killed]),
            ($"{nameof(AttemptKilled)} {EndCause.Cancelled}", [Running, Killed]),
            (nameof(AttemptStopped), [Running, Killed, Stopping]),
            (nameof(AttemptFinished), [Ended]),
            (nameof(ResultSent), [Finished]),
            (nameof(AttemptsClaimed), [Unknown, .. Here, Forgotten]),
            (nameof(AttemptForgotten), [Unknown, Queued, Killed, Stopping, Ended, Finished]),
            (nameof(WorkerBegan), [Starting]),
            (nameof(LendSet), [Idle, Busy, Draining]),
            (nameof(LinkRose), [Idle, Busy, Draining]),
            (nameof(LinkFell), [Idle, Busy, Draining]),
            (nameof(DrainBegan), [Idle, Busy]),
            (nameof(DrainTold), [Draining]),
            (nameof(ReportsSent), [Idle, Busy, Draining])),
        .. Enum.GetValues<EndCause>().Where(c => c is not (EndCause.NotStored or EndCause.Cancelled or EndCause.Timeout or EndCause.NodeLost))
            .Select(c => new Transition(Machine, Running, $"{nameof(AttemptOver)} {c}")),
        new(Machine, Killed, $"{nameof(AttemptOver)} {EndCause.Timeout}"),
        new(Machine, Killed, $"{nameof(AttemptOver)} by itself"),
    ];
}

/// <summary>Watches one Worker.</summary>
internal sealed class WorkerWatch(Transitions transitions) : Pool.IWatch<WorkerEvent>
{
    private readonly Dictionary<(string JobId, AttemptRef Id), string> attempts = []; // looked up, never walked
    private string node = WorkerTransitions.Starting;
    private int here;

    public void Hears(Message message)
    {
        switch (message)
        {
            case Assign m:
                foreach (var range in m.Tasks)
                {
                    for (var task = range.First; task < range.End; task++)
                    {
                        Take(m.Lease.JobId, new AttemptRef(task, range.Attempt), nameof(Assign));
                    }
                }

                break;
            case ClaimAttempts m:
                Take(m.JobId, m.Attempts, nameof(ClaimAttempts));
                break;
            case StopAttempts m:
                Take(m.JobId, m.Attempts, nameof(StopAttempts));
                break;
            case ResultAck m:
                Take(m.JobId, m.Attempts, nameof(ResultAck));
                break;
            case AttemptStarted m:
                Take(m.JobId, m.Attempt, nameof(AttemptStarted));
                break;
            case AttemptEnded m:
                Take(m.JobId, m.Attempt, nameof(AttemptEnded));
                break;
            case AttemptStored m:
                Take(m.JobId, m.Attempt, m.Instead is null ? nameof(AttemptStored) : $"{nameof(AttemptStored)} instead");
                break;
            case LendChanged { Paused: true }:
                Take($"{nameof(LendChanged)} paused");
                break;
            default:
                Take(message.GetType().Name);
                break;
        }
    }

    public void Applies(WorkerEvent e)
    {
        switch (e)
        {
            case AttemptsQueued queued:
                foreach (var (id, _) in queued.Attempts)
                {
                    Move(queued.Assign.Lease.JobId, id, nameof(AttemptsQueued), WorkerTransitions.Queued);
                }

                break;
            case AttemptBegun m:
                Move(m.JobId, m.Id, nameof(AttemptBegun), WorkerTransitions.Running);
                break;
            case AttemptRan m:
                Take(m.JobId, m.Id, m.KillAt is null ? nameof(AttemptRan) : $"{nameof(AttemptRan)} with a limit");
                break;
            case AttemptKilled m:
                Move(m.JobId, m.Id, $"{nameof(AttemptKilled)} {m.Cause}", WorkerTransitions.Killed);
                break;
            case AttemptStopped m:
                Move(m.JobId, m.Id, nameof(AttemptStopped), WorkerTransitions.Stopping);
                break;
            case AttemptOver m:
                var killed = State(m.JobId, m.Id) == WorkerTransitions.Killed && m.Outcome.Cause != EndCause.Timeout;
                Move(m.JobId, m.Id, $"{nameof(AttemptOver)} {(killed ? "by itself" : m.Outcome.Cause)}", WorkerTransitions.Ended);
                break;
            case AttemptFinished m:
                Move(m.JobId, m.Id, nameof(AttemptFinished), WorkerTransitions.Finished);
                break;
            case ResultSent m:
                Take(m.JobId, m.Id, nameof(ResultSent));
                break;
            case AttemptForgotten m:
                Move(m.JobId, m.Id, nameof(AttemptForgotten), WorkerTransitions.Forgotten);
                break;
            case AttemptsClaimed m:
                Take(m.JobId, m.Attempts, nameof(AttemptsClaimed));
                break;
            default:
                Take(e.GetType().Name);
                node = e switch
                {
                    WorkerBegan => WorkerTransitions.Idle,
                    DrainBegan => WorkerTransitions.Draining,
                    _ => node,
                };
                break;
        }
    }

    private void Take(string what) =>
        transitions.Take(WorkerTransitions.Machine, node == WorkerTransitions.Idle && here > 0 ? WorkerTransitions.Busy : node, what);

    private void Take(string jobId, IReadOnlyList<AttemptRef> ids, string what)
    {
        foreach (var id in ids)
        {
            Take(jobId, id, what);
        }
    }

    private void Take(string jobId, AttemptRef id, string what) => transitions.Take(WorkerTransitions.Machine, State(jobId, id), what);

    private string State(string jobId, AttemptRef id) => attempts.GetValueOrDefault((jobId, id), WorkerTransitions.Unknown);

    private void Move(string jobId, AttemptRef id, string what, string to)
    {
        Take(jobId, id, what);
        var was = State(jobId, id);
        here += (IsHere(to) ? 1 : 0) - (IsHere(was) ? 1 : 0);
        attempts[(jobId, id)] = to;
    }

    private static bool IsHere(string state) => state is not (WorkerTransitions.Unknown or WorkerTransitions.Forgotten);
}
