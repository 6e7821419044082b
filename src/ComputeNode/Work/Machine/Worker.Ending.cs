using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work.Machine;

public sealed partial class Worker
{
    private void Ran(AttemptStarted started, DateTimeOffset now, Draft<WorkerEvent> draft)
    {
        if (Find(started.JobId, started.Attempt) is not { State: AttemptState.Running, KillCause: null } attempt)
        {
            return;
        }

        var timeout = started.TimeoutSeconds ?? attempt.Job.Template?.TimeoutSeconds;
        DateTimeOffset? killAt = timeout is { } seconds && seconds <= WorkerLimits.TimeoutSecondsMax
            ? now + TimeSpan.FromSeconds(Math.Max(0, seconds))
            : null;
        draft.Add(new AttemptRan(started.JobId, started.Attempt, killAt));
    }

    private void End(AttemptEnded ended, Draft<WorkerEvent> draft)
    {
        var attempt = Find(ended.JobId, ended.Attempt);
        switch (attempt?.State)
        {
            case AttemptState.Stopping:
                Forget(attempt, draft);
                break;
            case AttemptState.Running when draining && ended.Outcome.Cause == EndCause.Cancelled:
                Forget(attempt, draft);
                Return(attempt.Job.Id, [attempt.Id], draft);
                break;
            case AttemptState.Running:
                draft.Add(new AttemptOver(ended.JobId, ended.Attempt, ended.Outcome));
                break;
            default:
                return; // said before
        }

        StartQueued(attempt, lent, draft);
    }

    private void Finish(AttemptStored stored, DateTimeOffset now, Draft<WorkerEvent> draft)
    {
        if (Find(stored.JobId, stored.Attempt) is not { State: AttemptState.Ended } attempt)
        {
            return;
        }

        var outcome = stored.Instead ?? attempt.Outcome!;
        draft.Add(new AttemptFinished(stored.JobId, stored.Attempt, outcome, stored.Produced, stored.Inline, Again(now)));
        SendResult(stored.JobId, stored.Attempt, outcome, stored.Produced, stored.Inline, draft);
    }

    private void Acknowledge(ResultAck ack, Draft<WorkerEvent> draft)
    {
        foreach (var id in ack.Attempts.Distinct())
        {
            if (Find(ack.JobId, id) is { State: AttemptState.Finished } attempt)
            {
                Forget(attempt, draft);
            }
        }
    }

    private void Stop(string jobId, IEnumerable<AttemptRef> ids, DateTimeOffset now, Draft<WorkerEvent> draft)
    {
        foreach (var id in ids.Distinct().Take(WorkerLimits.AttemptsMax))
        {
            var attempt = Find(jobId, id);
            switch (attempt?.State)
            {
                case null when !forgotten.Contains((jobId, id)):
                    draft.Add(new AttemptForgotten(jobId, id)); // its assignment may still come
                    break;
                case AttemptState.Running:
                    draft.Add(new AttemptStopped(jobId, id, Again(now)));
                    draft.Send(Address.Executor, new ForgetAttempt(jobId, id));
                    break;
                case AttemptState.Queued or AttemptState.Ended or AttemptState.Finished:
                    Forget(attempt, draft);
                    break;
                default:
                    break; // stopping, or forgotten, already
            }
        }
    }

    private static void Forget(WorkerAttempt attempt, Draft<WorkerEvent> draft)
    {
        draft.Add(new AttemptForgotten(attempt.Job.Id, attempt.Id));
        if (attempt.State is not AttemptState.Queued)
        {
            draft.Send(Address.Executor, new ForgetAttempt(attempt.Job.Id, attempt.Id));
        }
    }

    private void Return(string jobId, IReadOnlyList<AttemptRef> ids, Draft<WorkerEvent> draft) =>
        draft.Send(Address.Job(jobId), new AttemptsReturned(jobId, nodeId, bootId, ids));

    private void SendResult(
        string jobId, AttemptRef id, Outcome outcome, Produced produced, InlineOutput? inline, Draft<WorkerEvent> draft)
    {
        if (linkIsUp)
        {
            draft.Send(Address.Job(jobId), new TaskFinished(jobId, id, nodeId, bootId, outcome, produced) { Inline = inline });
        }
    }
}
