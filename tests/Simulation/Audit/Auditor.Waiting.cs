using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Audit;

/// <summary>Who waits for what is there.</summary>
internal sealed partial class Auditor
{
    /// <summary>A supervisor whose appends fail begins anew each time, with what it holds: how often is up to the faults.</summary>
    private long WaitMax => faults.IsCalm ? Bounds.WaitsWithoutFaults : faults.FailsAppends ? long.MaxValue : Bounds.WaitsInFaults;

    private void LookForWaiting(long upSince)
    {
        List<int> whole = [.. Enumerable.Range(0, nodes.Count).Where(n => nodes[n].IsWhole)];
        for (var j = 0; j < jobs.Length; j++)
        {
            if (jobs[j].WaitsSince is { } since && IsTooLong(Math.Max(since, upSince)))
            {
                LookForRoom(j, Math.Max(since, upSince), whole);
            }
        }

        foreach (var n in whole)
        {
            LookForProcesses(n, upSince);
        }
    }

    /// <summary>A job waits, and a node has had room for a task of it all the while.</summary>
    private void LookForRoom(int j, long waits, List<int> whole)
    {
        foreach (var n in whole)
        {
            var (node, share) = (nodes[n], jobs[j].ShareOf(nodes[n].Id));
            // What could not run there is not sent there again at once, nor before the rest of its lease has ended.
            if (!rooms[n].Fits(j) || !plans[j].FitsOn(node) || share is { FaultAt: not null, Live: > 0 } || IsKeptForAnother(j, n))
            {
                continue;
            }

            var since = Math.Max(Math.Max(waits, rooms[n].FullAt(j)), Math.Max(node.DisturbedAt, (share?.FaultAt + Bounds.RefusedPause) ?? 0));
            since = Math.Max(since, RestedUntil(n));
            if (IsTooLong(since))
            {
                throw new ViolationException(new Violation(
                    Rule.NoIdleNode, $"{plans[j].Id} waits since {Virtual.Show(waits).Trim()} while {node.Id} has had room for it since {Virtual.Show(since).Trim()}", plans[j].Id, node.Id));
            }
        }
    }

    /// <summary>Another job waits that could use the node if more of it came free: that may be what happens.</summary>
    private bool IsKeptForAnother(int j, int n) =>
        Enumerable.Range(0, jobs.Length).Any(k => k != j && jobs[k].WaitsSince is not null && plans[k].FitsOn(nodes[n]) && !rooms[n].Fits(k));

    /// <summary>A node was given attempts of which not one has a process, though there is room.</summary>
    private void LookForProcesses(int n, long upSince)
    {
        foreach (var use in rooms[n].Waiting)
        {
            var job = Job(use.Lease.JobId);
            var since = Math.Max(Math.Max(use.Since, upSince), Math.Max(nodes[n].DisturbedAt, job.RecoveredAt));
            if (IsTooLong(since))
            {
                throw new ViolationException(new Violation(
                    Rule.AssignedRuns, $"{use.Live} attempts on {Describe.Any(use.Lease)} and no process since {Virtual.Show(since).Trim()}", job.Id, nodes[n].Id));
            }
        }
    }

    private bool IsTooLong(long since) =>
        Now - since > WaitMax || Now - Math.Max(since, faultsEndedAt ?? Now) > Bounds.WaitsInCalm;
}
