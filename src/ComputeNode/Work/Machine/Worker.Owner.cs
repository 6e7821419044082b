using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work.Machine;

public sealed partial class Worker
{
    /// <summary>What has not started and cannot any more goes back at once; what runs goes on.</summary>
    private void Lend(LendChanged changed, Draft<WorkerEvent> draft)
    {
        draft.Add(new LendSet(changed.Lent, changed.Paused));
        ReturnQueued(a => changed.Paused || !a.Lease.Lease.PerTask.FitsIn(changed.Lent), draft);
        if (!changed.Paused && !paused)
        {
            StartQueued(null, changed.Lent, draft);
        }
    }

    private void BeginDrain(DateTimeOffset now, Draft<WorkerEvent> draft)
    {
        draft.Add(new DrainBegan());
        ReturnQueued(_ => true, draft);
        foreach (var attempt in All(AttemptState.Running).Where(a => a.KillCause is null))
        {
            draft.Add(new AttemptKilled(attempt.Job.Id, attempt.Id, EndCause.Cancelled, Again(now)));
            draft.Send(Address.Executor, new KillAttempt(attempt.Job.Id, attempt.Id, EndCause.Cancelled));
        }
    }

    private void ReturnQueued(Func<WorkerAttempt, bool> condition, Draft<WorkerEvent> draft)
    {
        foreach (var job in jobs.Values)
        {
            var ids = job.Attempts.Values.Where(a => a.State == AttemptState.Queued && condition(a)).Select(a => a.Id).ToList();
            if (ids.Count > 0)
            {
                ids.ForEach(id => draft.Add(new AttemptForgotten(job.Id, id)));
                Return(job.Id, ids, draft);
            }
        }
    }

    private IEnumerable<WorkerAttempt> All(AttemptState state) =>
        jobs.Values.SelectMany(j => j.Attempts.Values).Where(a => a.State == state);
}
