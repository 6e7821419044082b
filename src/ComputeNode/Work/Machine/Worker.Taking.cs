using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work.Machine;

public sealed partial class Worker
{
    private void Take(Assign assign, DateTimeOffset now, Draft<WorkerEvent> draft)
    {
        if (nodeId.Length == 0)
        {
            return;
        }

        var jobId = assign.Lease.JobId;
        List<TakenAttempt> fresh = [];
        List<AttemptRef> wereHere = [];
        foreach (var taken in Expand(assign).DistinctBy(taken => taken.Id))
        {
            if (forgotten.Contains((jobId, taken.Id)))
            {
                wereHere.Add(taken.Id);
            }
            else if (Find(jobId, taken.Id) is null)
            {
                fresh.Add(taken);
            }
        }

        Refuse(jobId, wereHere, "it was here and is not any more", draft);
        if (fresh.Count > 0 && WhyNot(assign.Lease, fresh.Count) is { } reason)
        {
            Refuse(jobId, fresh.ConvertAll(taken => taken.Id), reason, draft);
        }
        else if (fresh.Count > 0)
        {
            draft.Add(new AttemptsQueued(assign, fresh, now));
            StartFresh(assign, fresh, draft);
        }
        else if (wereHere.Count == 0 && jobs.TryGetValue(jobId, out var job))
        {
            Report(job, connection, draft); // the supervisor asks again because it has not heard of them
        }
    }

    private string? WhyNot(Lease lease, int count) =>
        lease.NodeId != nodeId || lease.BootId != bootId ? "it is meant for an earlier start of this node"
        : lease.Epoch < highestEpoch ? "its lease is of an earlier Fleet"
        : draining ? "the node is leaving"
        : paused ? "the owner lends nothing just now"
        : !lease.PerTask.FitsIn(lent) ? "the owner lends less than it asks"
        : attemptCount + count > WorkerLimits.AttemptsMax ? "too many attempts are here"
        : null;

    private static IEnumerable<TakenAttempt> Expand(Assign assign)
    {
        var count = 0;
        foreach (var range in assign.Tasks)
        {
            for (var i = 0; i < range.Count && count <= WorkerLimits.AttemptsMax; i++, count++)
            {
                yield return new TakenAttempt(new AttemptRef(range.First + i, range.Attempt), assign.Items?[count]);
            }
        }
    }

    private void Refuse(string jobId, List<AttemptRef> attempts, string reason, Draft<WorkerEvent> draft)
    {
        if (attempts.Count > 0)
        {
            draft.Send(Address.Job(jobId), new AttemptsRefused(jobId, nodeId, bootId, attempts, reason));
        }
    }

    /// <summary>Those that just came can start only if none of their lease waits already: all that could start has started.</summary>
    private void StartFresh(Assign assign, List<TakenAttempt> fresh, Draft<WorkerEvent> draft)
    {
        var lease = leases.GetValueOrDefault(assign.Lease.Id);
        if (lease is { Queued.Count: > 0 })
        {
            return;
        }

        var perTask = lease?.Lease.PerTask ?? assign.Lease.PerTask;
        var used = inUse;
        var slots = assign.Lease.Slots - (lease?.Running ?? 0);
        foreach (var (id, items) in fresh.Take(Math.Max(0, slots)))
        {
            used = used.Plus(perTask);
            if (!used.FitsIn(lent))
            {
                return;
            }

            draft.Add(new AttemptBegun(assign.Lease.JobId, id));
            draft.Send(Address.Executor, new StartAttempt(
                assign.Lease.JobId, id, assign.Template, assign.TemplateDigest, assign.TaskCount, perTask, items));
        }
    }

    /// <summary>Starts what waits, in order, where <paramref name="leaving"/> (if any) has left its slot.</summary>
    private void StartQueued(WorkerAttempt? leaving, Resources lends, Draft<WorkerEvent> draft)
    {
        if (paused || draining)
        {
            return;
        }

        var used = leaving is null ? inUse : inUse.Minus(leaving.Lease.Lease.PerTask);
        var withQueue = leases.Values.Where(l => l.Queued.Count > 0).ToList();
        withQueue.Sort((a, b) => a.Queued.First().Key.CompareTo(b.Queued.First().Key));
        foreach (var lease in withQueue)
        {
            var slots = lease.Lease.Slots - lease.Running + (leaving?.Lease == lease ? 1 : 0);
            foreach (var attempt in lease.Queued.Values)
            {
                var with = used.Plus(lease.Lease.PerTask);
                if (slots <= 0 || !with.FitsIn(lends))
                {
                    break;
                }

                used = with;
                slots--;
                draft.Add(new AttemptBegun(attempt.Job.Id, attempt.Id));
                draft.Send(Address.Executor, new StartAttempt(
                    attempt.Job.Id, attempt.Id, attempt.Job.Template, attempt.Job.TemplateDigest, attempt.Job.TaskCount, lease.Lease.PerTask,
                    attempt.Items));
            }
        }
    }
}
