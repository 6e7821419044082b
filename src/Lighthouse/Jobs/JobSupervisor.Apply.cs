using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

public sealed partial class JobSupervisor
{
    public JobSupervisor Apply(JobEvent e)
    {
        switch (e)
        {
            case JobSubmitted submitted:
                Spec = submitted.Spec;
                submittedAt = submitted.At;
                chunks = new TaskChunks(submitted.Spec);
                pending = new PendingTasks(chunks.Made);
                AwaitAnew();
                break;
            case TasksAssigned assigned:
                ApplyAssigned(assigned);
                break;
            case TasksEnded ended:
                foreach (var end in ended.Ends)
                {
                    ApplyEnd(ended, end);
                }

                break;
            case AttemptsLost lost:
                foreach (var id in lost.Attempts)
                {
                    ApplyLost(id, lost);
                }

                break;
            case AttemptsAlive alive:
                foreach (var id in alive.Attempts)
                {
                    ApplyAlive(id);
                }

                break;
            case JobCancelled:
                break; // JobCompleted follows in the same step
            case JobCompleted completed:
                HasEnded = true;
                this.completed = completed;
                askers.Clear();
                break;
            case JobReopened reopened:
                ApplyReopened(reopened);
                break;
            case InputsGathered found:
                if (Spec is not { Combines: not null, Template: not null })
                {
                    throw new InvalidOperationException("results were gathered for a job that combines none");
                }

                gathered = found.Digest;
                awaited.Clear();
                break;
            default:
                ApplyVolatile(e);
                break;
        }

        return this;
    }

    private void ApplyVolatile(JobEvent e)
    {
        switch (e)
        {
            case Resumed resumed:
                Resume(resumed.At);
                break;
            case LeaseTaken taken:
                leases.AddOrRenew(taken.Lease);
                break;
            case LeaseClosed closed when leases.Find(closed.LeaseId) is { } lease:
                lease.Closed = true;
                DemandAtOnceIf(Waiting > 0);
                break;
            case SlotsRecalled recalled when leases.Find(recalled.LeaseId) is { } lease:
                lease.RecalledTo = recalled.Slots;
                break;
            case LeaseShrunk shrunk when leases.Find(shrunk.LeaseId) is { } lease:
                leases.AddOrRenew(lease.Lease with { Slots = shrunk.Slots });
                fillDue |= lease.Attempts.Count < shrunk.Slots;
                DemandAtOnceIf(Waiting == 0); // or the Fleet would take the slots for wanted
                break;
            case LeaseDropped dropped:
                DemandAtOnceIf(leases.Find(dropped.LeaseId) is not null && Waiting > 0);
                leases.Drop(dropped.LeaseId);
                break;
            case DemandSent sent:
                slotsTold = sent.SlotsWanted;
                demandDue = sent.At + TimeSpan.FromSeconds(Protocol.Messages.Demand.RenewSeconds);
                break;
            case AttemptsConfirmed confirmed:
                ApplyConfirmed(confirmed);
                break;
            case AssignRepeated repeated:
                foreach (var id in repeated.Attempts)
                {
                    running[id.Task].SentAt = repeated.At;
                }

                break;
            case TasksCooled cooled:
                cooling.Advance(cooled.At);
                fillDue = true;
                DemandAtOnceIf(true);
                break;
            case OutcomeAsked asked:
                askers.Add(asked.JobId);
                break;
            case AfterAsked asked:
                askDue = asked.At + TimeSpan.FromSeconds(JobLimits.AskSeconds);
                break;
            case AwaitedEnded ended:
                awaited.Remove(ended.JobId);
                askDue = awaited.Count == 0 ? DateTimeOffset.MinValue : askDue; // what is to be gathered now is asked for at once
                break;
            case LeasesFilled:
                fillDue = false;
                break;
            case RecoveryEnded:
                recoveryEnds = null;
                break;
            default:
                break; // about a lease that is gone
        }
    }

    private void ApplyAssigned(TasksAssigned assigned)
    {
        // Each costs memory from here on, and a number in a damaged journal may be any.
        if (assigned.Tasks.Sum(range => (long)range.Count) > JobLimits.AttemptsPerSlotMax * (long)assigned.Lease.Slots)
        {
            throw new InvalidOperationException($"more was assigned than a lease of {assigned.Lease.Slots} slots takes");
        }

        startedAt ??= assigned.At;
        awaited.Clear();
        var lease = leases.AddOrRenew(assigned.Lease);
        lease.Journaled = assigned.Lease;
        chunks.Make(assigned.Made ?? []);
        pending.Extend(chunks.Made);
        foreach (var range in assigned.Tasks)
        {
            Take(range);
            for (var task = range.First; task < range.End; task++)
            {
                var attempt = new RunningAttempt(new AttemptRef(task, range.Attempt), lease, lease.Connection, assigned.At);
                Enter(attempt);
            }
        }

        // Nothing waits any more: a Fleet that believes otherwise would lend what we only give back.
        DemandAtOnceIf(Waiting == 0 && slotsTold > leases.Slots);
    }

    /// <summary>They wait no longer. A range may have tasks that cooled beside others: earlier versions knew no difference.</summary>
    private void Take(TaskRange range)
    {
        if (cooling.Count == 0)
        {
            pending.Take(range);
            return;
        }

        var first = range.First;
        for (var task = range.First; task < range.End; task++)
        {
            if (cooling.Take(task, range.Attempt))
            {
                TakePending(task);
                first = task + 1;
            }
        }

        TakePending(range.End);

        void TakePending(int end)
        {
            if (end > first)
            {
                pending.Take(new TaskRange(first, end - first, range.Attempt));
            }
        }
    }

    private void ApplyEnd(TasksEnded ended, TaskEnd end)
    {
        var task = end.Attempt.Task;
        var current = running.GetValueOrDefault(task);
        Note(end, current);
        if (current is not null)
        {
            Leave(current);
            if (current.Id == end.Attempt)
            {
                Show(current.Lease, end);
                current.Lease.Recovering = false;
            }
            else
            {
                fillDue = true; // a replaced attempt won: the other's slot is free
            }
        }

        if (end.Committed)
        {
            if (!end.Outcome.Succeeded)
            {
                failed.Add(new AttemptRef(task, NextAttempt(end.Attempt, current)));
            }

            pending.Remove(task);
            cooling.Remove(task);
            superseded.RemoveTask(task);
            failures.Remove(task);
            Commit(ended.NodeName, task, end.Outcome);
        }
        else
        {
            var isOfNode = IsNodesFault(task, end.Outcome);
            failures[task] = RetryPolicy.Count(isOfNode, failures.GetValueOrDefault(task), current?.Lease.Lease.NodeId, RetryPolicy.Try(ended.NodeName, end.Outcome), ended.At);
            Wait(new AttemptRef(task, end.Attempt.Attempt + 1), failed: !isOfNode);
            fillDue |= IsSuspect(task) || isOfNode; // its own lease will not take it
        }
    }

    private void Show(JobLease lease, TaskEnd end)
    {
        lease.Show(end.Outcome.WallMs);
        pace = PaceAfter(pace, end);
        leases.Show(lease, PaceAfter(lease.Pace, end));
    }

    private void ApplyLost(AttemptRef id, AttemptsLost lost)
    {
        var attempt = running[id.Task];
        var lease = attempt.Lease.Lease;
        Leave(attempt);
        if (!lost.Gone)
        {
            superseded.Add(new Superseded(id, lease.NodeId, lease.NodeName, lease.BootId) { Blame = lost.Blame, Slow = lost.Slow });
        }

        if (lost.Blame > 0)
        {
            var before = failures.GetValueOrDefault(id.Task);
            failures[id.Task] = before with { Blame = before.Blame + lost.Blame };
        }

        Wait(id with { Attempt = id.Attempt + 1 }, failed: false);
        fillDue = true;
    }

    /// <summary>What failed by itself cools first; what may take its node down waits for a lease of its own.</summary>
    private void Wait(AttemptRef next, bool failed)
    {
        if (failed && !IsSuspect(next.Task) && failures.GetValueOrDefault(next.Task) is { CoolAt: { } coolAt } task)
        {
            cooling.Add(next, coolAt, task.On ?? []);
            return;
        }

        if (failures.TryGetValue(next.Task, out var known) && known.CoolAt is not null)
        {
            failures[next.Task] = known with { CoolAt = null };
        }

        pending.Add(next, IsSuspect(next.Task));
    }

    private void Enter(RunningAttempt attempt)
    {
        running.Add(attempt.Id.Task, attempt);
        leases.Add(attempt.Lease, attempt);
        if (Spec!.TaskCount > 1)
        {
            byAge.Add(attempt);
        }
    }

    private void Leave(RunningAttempt attempt)
    {
        leases.Remove(attempt);
        running.Remove(attempt.Id.Task);
        byAge.Remove(attempt);
    }

    private void ApplyConfirmed(AttemptsConfirmed confirmed)
    {
        foreach (var lease in leases.OnNode(confirmed.NodeId))
        {
            lease.Heard(confirmed.Connection);
            fillDue |= lease.Recovering;
            lease.Recovering = false;
        }

        foreach (var id in confirmed.Attempts)
        {
            var attempt = running[id.Task];
            attempt.ConfirmedAt = confirmed.At;
            attempt.Recovering = false;
        }
    }

    private void Resume(DateTimeOffset now)
    {
        resumedAt = now;
        (askDue, demandDue) = (DateTimeOffset.MinValue, DateTimeOffset.MinValue);
        fillDue = false;
        leases.ForgetEmpty();
        cooling.EndBy(now + TimeSpan.FromSeconds(JobLimits.CoolSecondsMax));
        foreach (var lease in leases.All)
        {
            lease.Recovering = true;
            lease.Attempts.ForEach(a => a.Recovering = true);
            recoveryEnds = now + TimeSpan.FromSeconds(LinkTimes.RecoverySeconds);
        }
    }

    private void DemandAtOnceIf(bool needed)
    {
        if (needed && demandDue is not null)
        {
            demandDue = DateTimeOffset.MinValue;
        }
    }
}
