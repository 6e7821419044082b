using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

public sealed partial class JobSupervisor
{
    /// <summary>The first durable result of a task wins; every other one is acknowledged and dropped.</summary>
    private void Finish(TaskFinished finished, DateTimeOffset now, Draft<JobEvent> draft)
    {
        var id = finished.Attempt;
        draft.Send(Address.Node(finished.NodeId), new ResultAck(Self.Id, [id]));
        if (!Exists || HasEnded)
        {
            return;
        }

        var current = running.GetValueOrDefault(id.Task);
        var isCurrent = current is not null && current.Id == id && current.Lease.Lease.NodeId == finished.NodeId;
        var late = isCurrent ? null : superseded.Find(id, finished.NodeId);
        if (!isCurrent && late is null)
        {
            return;
        }

        var outcome = RetryPolicy.Trim(finished.Outcome);
        var isNodesFault = IsNodesFault(id.Task, outcome);
        var isFinal = RetryPolicy.IsFinal(outcome, isNodesFault, failures.GetValueOrDefault(id.Task), Spec!.RetriesMax);
        if (!isFinal && !isCurrent)
        {
            return; // it would be tried again, and is
        }

        var nodeName = late?.NodeName ?? current!.Lease.Lease.NodeName;
        var end = new TaskEnd(id, outcome, finished.Produced, isFinal);
        draft.Add(new TasksEnded(nodeName, [end], now));
        if (isFinal)
        {
            StopOthers(id, isCurrent ? null : current, draft);
            if (outcome.Succeeded)
            {
                Blame(id.Task, finished.NodeId, draft);
            }

            if (IsDoneAfter(1))
            {
                Complete([end], now, draft);
                return;
            }

            if (!outcome.Succeeded && !Spec.KeepGoing)
            {
                Complete([end], now, draft);
                StopAll(draft);
                return;
            }
        }

        if (isCurrent)
        {
            Refill(current!.Lease, leaving: 1, isNodesFault, end, now, draft);
        }
    }

    /// <summary>The task has its result: whoever else works on it stops.</summary>
    private void StopOthers(AttemptRef winner, RunningAttempt? current, Draft<JobEvent> draft)
    {
        if (current is not null)
        {
            AttemptLists.Stop(draft, Self.Id, current.Lease.Lease.NodeId, [current.Id], "superseded");
        }

        foreach (var other in superseded.OfTask(winner.Task))
        {
            if (other.Id != winner)
            {
                AttemptLists.Stop(draft, Self.Id, other.NodeId, [other.Id], "superseded");
            }
        }
    }

    /// <summary>
    /// It says nothing of the task: the node could not run it, or it runs elsewhere too and may end well there. Such a failure
    /// of a task that was only taken on because it was slow must not end what would have succeeded.
    /// </summary>
    private bool IsNodesFault(int task, Outcome outcome) => !outcome.Succeeded && (RetryPolicy.IsNodesFault(outcome) || superseded.Slow(task) is not null);

    /// <summary>The job is over: what still runs is not wanted any more.</summary>
    private void StopAll(Draft<JobEvent> draft)
    {
        foreach (var node in superseded.InOrder().GroupBy(attempt => attempt.NodeId))
        {
            AttemptLists.Stop(draft, Self.Id, node.Key, [.. node.Select(attempt => attempt.Id)], "ended");
        }

        foreach (var lease in leases.All)
        {
            AttemptLists.Stop(draft, Self.Id, lease.Lease.NodeId, AttemptLists.Sorted(lease.Attempts), "ended");
        }
    }

    /// <summary>The last tasks have their results, too, or one has failed for good that was not to.</summary>
    private void Complete(IReadOnlyList<TaskEnd> last, DateTimeOffset now, Draft<JobEvent> draft)
    {
        var failing = last.Where(e => !e.Outcome.Succeeded).Select(e => (e.Attempt.Task, e.Outcome)).ToList();
        var failed = Failed + failing.Count;
        if (failed == 0)
        {
            draft.Add(new JobCompleted(JobState.Succeeded, 0, null, now));
        }
        else
        {
            var (task, outcome) = firstFailure is { } first ? failing.Append(first).MinBy(f => f.Task) : failing.MinBy(f => f.Task);
            var isOne = chunks.ItemCount == 1;
            var described = RetryPolicy.Describe(outcome);
            var reason = isOne ? described : $"{failed} of {chunks.Made} tasks failed; {Name(task)} {described}";
            draft.Add(new JobCompleted(JobState.Failed, isOne && outcome.ExitCode != 0 ? outcome.ExitCode : 1, reason, now));
        }

        draft.Send(Address.Fleet, new DemandEnded(Self.Id));
    }
}
