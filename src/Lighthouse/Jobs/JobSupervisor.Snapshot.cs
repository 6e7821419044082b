using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Jobs;

public sealed partial class JobSupervisor
{
    /// <summary>All that its durable events have led to, and its leases as they stand: what their grants, renewals and ends have led to is in no event.</summary>
    /// <exception cref="InvalidOperationException">There is no such job.</exception>
    public JobSnapshot Snapshot() => new(
        Spec ?? throw new InvalidOperationException($"there is no job {Self.Id}"), submittedAt, startedAt, completed, pending.Fresh,
        [.. pending.Retries.Concat(cooling.All).OrderBy(range => range.First)], [.. leases.All.Select(lease => lease.Snapshot())], superseded.InOrder(),
        [.. failures.OrderBy(f => f.Key).Select(f => new TaskFailures(f.Key, f.Value.Own, f.Value.OfNodes, f.Value.Blame) { On = f.Value.On, Tries = f.Value.Tries, CoolAt = f.Value.CoolAt })], [.. committedBy], Succeeded,
        Failed, firstFailure is var (task, outcome) ? new FirstFailure(task, outcome) : null, leases.Dropped)
    {
        Made = chunks.IsAuto ? chunks.Sizes : null,
        Pace = pace.IsKnown ? pace : null,
        ItemsDone = itemsDone,
        Failing = failed.Count > 0 ? [.. failed.All] : null,
        ReopenedAt = reopenedAt,
        Gathered = gathered,
    };

    /// <summary>The supervisor that <see cref="Snapshot"/> saw; a replay of its events gives the same but for its leases.</summary>
    public static JobSupervisor Restore(Address self, JobSnapshot snapshot)
    {
        var chunks = new TaskChunks(snapshot.Spec);
        chunks.Make(snapshot.Made ?? []);
        var apart = snapshot.Failures.Where(f => f.Blame >= JobLimits.BlameAlone || f.CoolAt is not null).ToDictionary(f => f.Task); // looked up, never walked
        var job = new JobSupervisor(self)
        {
            Spec = snapshot.Spec,
            submittedAt = snapshot.SubmittedAt,
            startedAt = snapshot.StartedAt,
            completed = snapshot.Completed,
            reopenedAt = snapshot.ReopenedAt,
            gathered = snapshot.Gathered,
            HasEnded = snapshot.Completed is not null,
            chunks = chunks,
            pace = snapshot.Pace ?? default,
            itemsDone = snapshot.ItemsDone ?? snapshot.Succeeded + snapshot.Failed,
            pending = new PendingTasks(chunks.Made, snapshot.Fresh, snapshot.Retries.Where(range => !IsApart(range))),
            Succeeded = snapshot.Succeeded,
            Failed = snapshot.Failed,
            firstFailure = snapshot.FirstFailure is { } first ? (first.Task, first.Outcome) : null,
        };
        foreach (var range in snapshot.Retries.Where(IsApart))
        {
            var next = new AttemptRef(range.First, range.Attempt);
            if (apart[range.First] is { Blame: < JobLimits.BlameAlone, CoolAt: { } coolAt } failed)
            {
                job.cooling.Add(next, coolAt, failed.On ?? []);
            }
            else
            {
                job.pending.Add(next, runsAlone: true);
            }
        }

        job.RestoreFailing(snapshot.Failing ?? []);
        job.AwaitAnew();

        foreach (var id in snapshot.DroppedLeases)
        {
            job.leases.Drop(id);
        }

        foreach (var held in snapshot.Leases)
        {
            job.RestoreLease(held);
        }

        foreach (var replaced in snapshot.Superseded)
        {
            job.superseded.Add(replaced);
        }

        foreach (var failed in snapshot.Failures)
        {
            job.failures.Add(failed.Task, new Failures(failed.Own, failed.OfNodes, failed.Blame) { On = failed.On, Tries = failed.Tries, CoolAt = failed.CoolAt });
        }

        job.committedBy.UnionWith(snapshot.CommittedBy);
        return job;

        bool IsApart(TaskRange range) => range.Count == 1 && apart.ContainsKey(range.First);
    }

    private void RestoreFailing(IReadOnlyList<TaskRange> failing)
    {
        var end = 0;
        foreach (var range in failing)
        {
            if (range.First < end || range.Count < 1 || range.Count > chunks.Made - range.First)
            {
                throw new InvalidOperationException($"{range.Count} tasks from {range.First} on failed twice, or are none of {chunks.Made}");
            }

            end = range.End;
            failed.Add(range);
        }
    }

    private void RestoreLease(LeaseSnapshot held)
    {
        var lease = leases.AddOrRenew(held.Lease);
        leases.Restore(lease, held);
        foreach (var (task, number, connection, sentAt) in held.Attempts)
        {
            var attempt = new RunningAttempt(new AttemptRef(task, number), lease, connection, sentAt);
            Enter(attempt);
        }
    }
}
