using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Work.Machine;

public sealed partial class Worker
{
    private readonly SortedDictionary<string, WorkerJob> jobs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, WorkerLease> leases = new(StringComparer.Ordinal);
    private readonly SortedSet<WorkerAttempt> byDue = new(Comparer<WorkerAttempt>.Create(
        (a, b) => a.Due!.Value.CompareTo(b.Due!.Value) is var order && order != 0 ? order : a.Number.CompareTo(b.Number)));

    private readonly HashSet<(string JobId, AttemptRef Id)> forgotten = []; // looked up, never walked
    private readonly Queue<(string JobId, AttemptRef Id)> forgottenInOrder = [];
    private Resources inUse = Resources.None;
    private DateTimeOffset reportDue;
    private int attemptCount;
    private long highestEpoch;
    private long lastNumber;

    public Worker Apply(WorkerEvent e)
    {
        switch (e)
        {
            case AttemptsQueued queued:
                ApplyQueued(queued);
                break;
            case AttemptBegun begun when Find(begun.JobId, begun.Id) is { } attempt:
                attempt.Lease.Queued.Remove(attempt.Number);
                attempt.Lease.Running++;
                inUse = inUse.Plus(attempt.Lease.Lease.PerTask);
                Change(attempt, AttemptState.Running, null);
                break;
            case AttemptRan ran when Find(ran.JobId, ran.Id) is { } attempt:
                Change(attempt, AttemptState.Running, ran.KillAt);
                break;
            case AttemptKilled killed when Find(killed.JobId, killed.Id) is { } attempt:
                attempt.KillCause = killed.Cause;
                Change(attempt, AttemptState.Running, killed.AgainAt);
                break;
            case AttemptStopped stopped when Find(stopped.JobId, stopped.Id) is { } attempt:
                Change(attempt, AttemptState.Stopping, stopped.AgainAt);
                break;
            case AttemptOver over when Find(over.JobId, over.Id) is { } attempt:
                attempt.Outcome = over.Outcome;
                FreeSlot(attempt);
                Change(attempt, AttemptState.Ended, null);
                break;
            case AttemptFinished finished when Find(finished.JobId, finished.Id) is { } attempt:
                (attempt.Outcome, attempt.Produced, attempt.Inline) = (finished.Outcome, finished.Produced, finished.Inline);
                Change(attempt, AttemptState.Finished, finished.AgainAt);
                break;
            case ResultSent sent when Find(sent.JobId, sent.Id) is { } attempt:
                Change(attempt, AttemptState.Finished, sent.AgainAt);
                break;
            case AttemptForgotten gone:
                ApplyForgotten(gone);
                break;
            default:
                ApplyToNode(e);
                break;
        }

        return this;
    }

    private void ApplyToNode(WorkerEvent e)
    {
        switch (e)
        {
            case AttemptsClaimed claimed:
                foreach (var id in claimed.Attempts)
                {
                    if (Find(claimed.JobId, id) is { } attempt)
                    {
                        attempt.ClaimedAt = claimed.At;
                    }
                }

                break;
            case ReportsSent sent:
                reportDue = Again(sent.At);
                break;
            case LinkRose rose:
                (linkIsUp, connection) = (true, rose.Connection);
                break;
            case LinkFell:
                linkIsUp = false;
                break;
            case LendSet set:
                (lent, paused) = (set.Lent, set.Paused);
                break;
            case DrainBegan:
                (draining, drainTold) = (true, false);
                break;
            case DrainTold:
                drainTold = true;
                break;
            case WorkerBegan began:
                (nodeId, bootId, lent) = (began.NodeId, began.BootId, began.Lent);
                break;
            default:
                throw new InvalidOperationException($"{e.GetType().Name} about an attempt that is not here: {e}");
        }
    }

    private void ApplyQueued(AttemptsQueued queued)
    {
        var (assign, jobId) = (queued.Assign, queued.Assign.Lease.JobId);
        highestEpoch = Math.Max(highestEpoch, assign.Lease.Epoch);
        reportDue = attemptCount == 0 ? Again(queued.At) : reportDue;
        if (!jobs.TryGetValue(jobId, out var job))
        {
            jobs.Add(jobId, job = new WorkerJob(jobId, assign.Template, assign.TemplateDigest, assign.TaskCount));
        }

        if (!leases.TryGetValue(assign.Lease.Id, out var lease))
        {
            leases.Add(assign.Lease.Id, lease = new WorkerLease(assign.Lease));
        }

        lease.Renew(assign.Lease);
        foreach (var taken in queued.Attempts)
        {
            var attempt = new WorkerAttempt(job, lease, taken, ++lastNumber, queued.At);
            job.Attempts.Add(taken.Id, attempt);
            lease.Queued.Add(attempt.Number, attempt);
            lease.Attempts++;
            attemptCount++;
        }
    }

    private void ApplyForgotten(AttemptForgotten gone)
    {
        if (forgotten.Add((gone.JobId, gone.Id)))
        {
            forgottenInOrder.Enqueue((gone.JobId, gone.Id));
        }

        while (forgottenInOrder.Count > WorkerLimits.ForgottenMax)
        {
            forgotten.Remove(forgottenInOrder.Dequeue());
        }

        if (Find(gone.JobId, gone.Id) is not { } attempt)
        {
            return;
        }

        if (attempt.State is AttemptState.Running or AttemptState.Stopping)
        {
            FreeSlot(attempt);
        }

        Change(attempt, attempt.State, null);
        attempt.Lease.Queued.Remove(attempt.Number);
        attempt.Job.Attempts.Remove(attempt.Id);
        attemptCount--;
        if (--attempt.Lease.Attempts == 0)
        {
            leases.Remove(attempt.Lease.Lease.Id);
        }

        if (attempt.Job.Attempts.Count == 0)
        {
            jobs.Remove(attempt.Job.Id);
        }
    }

    private void FreeSlot(WorkerAttempt attempt)
    {
        attempt.Lease.Running--;
        inUse = inUse.Minus(attempt.Lease.Lease.PerTask);
    }

    private void Change(WorkerAttempt attempt, AttemptState state, DateTimeOffset? due)
    {
        if (attempt.Due is not null)
        {
            byDue.Remove(attempt);
        }

        (attempt.State, attempt.Due) = (state, due);
        if (due is not null)
        {
            byDue.Add(attempt);
        }
    }
}
