using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Audit;

/// <summary>What should have happened by now and did not.</summary>
internal sealed partial class Auditor
{
    /// <summary>Called once in a while. True when the run is over and all is well.</summary>
    public bool Look(long? lighthouseUpSince)
    {
        for (var n = 0; n < nodes.Count; n++)
        {
            goneSince[n] = nodes[n].IsReachable ? null : goneSince[n] ?? Now;
        }

        if (lighthouseUpSince is { } upSince)
        {
            LookForWaiting(upSince);
            LookForStrays(upSince);
        }

        return faultsEndedAt is not null && LookForTheEnd();
    }

    /// <summary>Attempts on nodes that are gone, and processes of jobs that are over.</summary>
    private void LookForStrays(long upSince)
    {
        for (var n = 0; n < nodes.Count; n++)
        {
            var node = nodes[n];
            Unlist(shares[n]);
            if (goneSince[n] is null && !node.IsWhole)
            {
                continue;
            }

            foreach (var share in shares[n])
            {
                var job = share.Job;
                if (job.EndState is not null)
                {
                    LookForProcesses(job, share, node, upSince);
                }
                else if (goneSince[n] is { } gone && share.Live > 0)
                {
                    LookForReplacement(job, share, node, Math.Max(gone, node.HeardAt), upSince);
                }
            }
        }
    }

    private static void Unlist(List<OnNode> shares) => shares.RemoveAll(share =>
    {
        share.IsListed = !share.IsEmpty;
        return share.IsEmpty;
    });

    private void LookForReplacement(JobAudit job, OnNode share, SimNode node, long gone, long upSince)
    {
        var since = Math.Max(Math.Max(gone, share.GivenAt), upSince);
        var due = since + (faults.LosesNothing ? Bounds.ReplacedAfterSilence : Bounds.ReplacedInFaults);
        if (faults.LosesNothing && node.EndedLoudlyAt is { } endedAt)
        {
            due = Math.Min(due, Math.Max(since, endedAt) + Bounds.ReplacedAfterDeath); // it may have been asleep or cut off before
        }

        // Who was heard after a restart is not waited for like those who never came back.
        var recoveredAt = Math.Max(job.RecoveredAt, restartedAt);
        due = node.HeardAt > recoveredAt ? due : Math.Max(due, recoveredAt + Bounds.Recovery + (due - since));
        if (Now > due)
        {
            throw Broken(Rule.Replaced, $"{job.Id} has {share.Live} attempts on {node.Id}, gone since {Virtual.Show(gone).Trim()}", job.Id);
        }
    }

    private void LookForProcesses(JobAudit job, OnNode share, SimNode node, long upSince)
    {
        var since = Math.Max(Math.Max(job.EndedAt, upSince), node.DisturbedAt);
        if (share.Processes > 0 && node.IsWhole && Now - since > (faults.IsCalm ? Bounds.StopsWithoutFaults : Bounds.StartsAfterEnd))
        {
            throw Broken(Rule.OverStops, $"{job.Id} is {job.EndState} and has {share.Processes} processes on {node.Id}", job.Id);
        }
    }

    private bool LookForTheEnd()
    {
        for (var j = 0; j < jobs.Length; j++)
        {
            if (jobs[j].EndState is not null)
            {
                continue;
            }

            if (Now > endBy + RestsOfAll)
            {
                throw Broken(Rule.JobsEnd, $"{plans[j].Id} has {jobs[j].Results} results of {plans[j].Spec.TaskCount} {(Now - faultsEndedAt!.Value) / Virtual.Second} s after the last fault", plans[j].Id);
            }

            return false;
        }

        allEndedAt ??= Now;
        var bound = faults.IsCalm ? Bounds.SettleWithoutFaults : Bounds.Settle;
        var unanswered = plans.Where(IsUnanswered).ToList();
        if (unanswered.Find(p => Now - Math.Max(allEndedAt.Value, p.LastRequestAt) > bound) is { } plan)
        {
            throw Broken(Rule.RequestsAnswered, $"the client of {plan.Id} still asks", plan.Id);
        }

        var held = unsettled();
        var busy = nodes.FirstOrDefault(n => !nodesById[n.Id].IsIdle);
        if ((held is not null || busy is not null) && Now - allEndedAt > bound)
        {
            throw new ViolationException(new Violation(Rule.Forgotten, held ?? $"{busy!.Id} still runs something", null, busy?.Id));
        }

        return held is null && busy is null && unanswered.Count == 0;
    }

    private bool IsUnanswered(JobPlan plan) =>
        !acknowledged.Contains(plan.Id) || (plan.CancelAt is not null && !cancelAnswered.Contains(plan.Id));
}
