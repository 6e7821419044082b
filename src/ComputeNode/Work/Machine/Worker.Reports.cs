using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work.Machine;

public sealed partial class Worker
{
    /// <summary>A new connection: nothing that was under way on an older one will arrive.</summary>
    private void ReportAll(long newConnection, DateTimeOffset now, Draft<WorkerEvent> draft)
    {
        draft.Add(new LinkRose(newConnection));
        draft.Add(new ReportsSent(now));
        foreach (var job in jobs.Values)
        {
            Report(job, newConnection, draft);
        }

        foreach (var attempt in All(AttemptState.Finished))
        {
            draft.Add(new ResultSent(attempt.Job.Id, attempt.Id, Again(now)));
            draft.Send(Address.Job(attempt.Job.Id), new TaskFinished(
                attempt.Job.Id, attempt.Id, nodeId, bootId, attempt.Outcome!, attempt.Produced)
            { Inline = attempt.Inline });
        }
    }

    private void Report(WorkerJob job, long onConnection, Draft<WorkerEvent> draft)
    {
        var ids = job.Attempts.Values.Where(a => a.State != AttemptState.Stopping).Select(a => a.Id).ToList();
        if (ids.Count > 0)
        {
            draft.Send(Address.Job(job.Id), new WorkerReport(job.Id, nodeId, bootId, onConnection, ids));
        }
    }

    private void Round(DateTimeOffset now, Draft<WorkerEvent> draft)
    {
        if (IsDrained)
        {
            draft.Add(new DrainTold());
            draft.Send(Address.Executor, new Drained());
            return;
        }

        foreach (var attempt in byDue.TakeWhile(a => a.Due <= now))
        {
            Remind(attempt, now, draft);
        }

        if (attemptCount == 0 || reportDue > now)
        {
            return;
        }

        draft.Add(new ReportsSent(now));
        foreach (var job in jobs.Values)
        {
            if (linkIsUp)
            {
                Report(job, connection, draft);
            }

            Stop(job.Id, job.Attempts.Values.Where(a => IsUnclaimed(a, now)).Select(a => a.Id), now, draft);
        }
    }

    private static bool IsUnclaimed(WorkerAttempt attempt, DateTimeOffset now) =>
        now - attempt.ClaimedAt >= TimeSpan.FromSeconds(WorkerLimits.UnclaimedSeconds);

    private void Remind(WorkerAttempt attempt, DateTimeOffset now, Draft<WorkerEvent> draft)
    {
        var (jobId, id) = (attempt.Job.Id, attempt.Id);
        switch (attempt.State)
        {
            case AttemptState.Running:
                var cause = attempt.KillCause ?? Protocol.Jobs.EndCause.Timeout;
                draft.Add(new AttemptKilled(jobId, id, cause, Again(now)));
                draft.Send(Address.Executor, new KillAttempt(jobId, id, cause));
                break;
            case AttemptState.Stopping:
                draft.Add(new AttemptStopped(jobId, id, Again(now)));
                draft.Send(Address.Executor, new ForgetAttempt(jobId, id));
                break;
            case AttemptState.Finished:
                draft.Add(new ResultSent(jobId, id, Again(now)));
                SendResult(jobId, id, attempt.Outcome!, attempt.Produced, attempt.Inline, draft);
                break;
            default:
                throw new InvalidOperationException($"attempt {id} of {jobId} is {attempt.State} and nothing of it is due");
        }
    }
}
