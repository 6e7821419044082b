using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

public sealed partial class JobSupervisor
{
    /// <summary>Compares what a node says it has with what it was given.</summary>
    private void Compare(WorkerReport report, DateTimeOffset now, Draft<JobEvent> draft)
    {
        if (!Exists || HasEnded)
        {
            AttemptLists.Stop(draft, Self.Id, report.NodeId, report.Attempts, Exists ? "ended" : "unknown");
            return;
        }

        var reported = new HashSet<AttemptRef>(); // looked up, never walked
        List<AttemptRef> confirmed = [], claimed = [], stopped = [], alive = [];
        foreach (var id in report.Attempts)
        {
            if (!reported.Add(id))
            {
                continue;
            }

            if (running.TryGetValue(id.Task, out var attempt) && attempt.Id == id && IsSameBoot(attempt.Lease, report))
            {
                confirmed.Add(id);
                claimed.Add(id);
            }
            else if (superseded.Find(id, report.NodeId) is { } late && late.BootId == report.BootId)
            {
                claimed.Add(id);
                if (late.Blame > JobLimits.BlameOfSilence)
                {
                    alive.Add(id);
                }
            }
            else
            {
                stopped.Add(id);
            }
        }

        if (alive.Count > 0)
        {
            draft.Add(new AttemptsAlive(alive, now));
        }

        draft.Add(new AttemptsConfirmed(report.NodeId, report.Connection, confirmed, now));
        if (claimed.Count > 0)
        {
            draft.Send(Address.Node(report.NodeId), new ClaimAttempts(Self.Id, claimed));
        }

        AttemptLists.Stop(draft, Self.Id, report.NodeId, stopped, "superseded");
        foreach (var lease in leases.OnNode(report.NodeId))
        {
            if (report.Connection >= lease.Connection) // else the report is older than what we know
            {
                CompareMissing(lease, report, reported, now, draft);
            }
        }
    }

    private static bool IsSameBoot(JobLease lease, WorkerReport report) =>
        lease.Lease.NodeId == report.NodeId && lease.Lease.BootId == report.BootId;

    /// <summary>What was given on the lease and is not in the report.</summary>
    private void CompareMissing(
        JobLease lease, WorkerReport report, HashSet<AttemptRef> reported, DateTimeOffset now, Draft<JobEvent> draft)
    {
        if (lease.Lease.BootId != report.BootId)
        {
            if (lease.Attempts.Count > 0)
            {
                var reason = $"{lease.Lease.NodeName} restarted";
                Lose(lease, new AttemptsLost(AttemptLists.Sorted(lease.Attempts), reason, now) { Gone = true, Blame = JobLimits.BlameOfDeath }, draft);
            }

            DropLease(lease, refused: false, draft);
            return;
        }

        var missing = lease.Attempts.Where(a => !reported.Contains(a.Id)).ToList();
        var lost = missing.Where(a => IsLost(a, report.Connection, now)).ToList();
        var again = missing.Where(a => a.ConfirmedAt is null && !IsLost(a, report.Connection, now) && a.IsOverdue(now)).ToList();
        if (lost.Count > 0)
        {
            draft.Add(new AttemptsLost(AttemptLists.Sorted(lost), $"{lease.Lease.NodeName} does not have it", now));
        }

        AssignAgain(lease, again, now, draft);
    }

    /// <summary>
    /// What was sent on a connection that is over did not arrive; what the node had and has no more it gave up (and what
    /// it said of that was lost). Either is replaced, as the same attempt must not run twice.
    /// </summary>
    private static bool IsLost(RunningAttempt attempt, long connection, DateTimeOffset now) =>
        (attempt.Connection < connection && now - attempt.SentAt > TimeSpan.FromSeconds(JobLimits.CrossingSeconds)) ||
        now - attempt.ConfirmedAt >= TimeSpan.FromSeconds(JobLimits.UnconfirmedSeconds);

    private void AssignAgain(JobLease lease, List<RunningAttempt> attempts, DateTimeOffset now, Draft<JobEvent> draft)
    {
        if (attempts.Count > 0)
        {
            var ids = AttemptLists.Sorted(attempts);
            draft.Add(new AssignRepeated(ids, now));
            SendAssign(lease.Lease, AttemptLists.Ranges(ids), chunks.HasItems ? ids.ConvertAll(id => chunks.Of(id.Task)) : null, draft);
        }
    }

    /// <summary>The node does not run these (any more). The lease gets no more tasks: the node would refuse them, too.</summary>
    private void GiveUp(
        string nodeId, IReadOnlyList<AttemptRef> attempts, string reason, bool refused, DateTimeOffset now, Draft<JobEvent> draft)
    {
        if (!Exists || HasEnded)
        {
            return;
        }

        var lost = new List<RunningAttempt>();
        var named = new HashSet<AttemptRef>(); // looked up, never walked
        foreach (var id in attempts)
        {
            if (running.TryGetValue(id.Task, out var attempt) && attempt.Id == id && attempt.Lease.Lease.NodeId == nodeId && named.Add(id))
            {
                lost.Add(attempt);
            }
        }

        if (lost.Count == 0)
        {
            return;
        }

        var line = reason.Length > JobLimits.DetailCharsMax ? reason[..JobLimits.DetailCharsMax] : reason;
        draft.Add(new AttemptsLost(AttemptLists.Sorted(lost), line, now) { Gone = true });
        foreach (var lease in leases.OnNode(nodeId))
        {
            var leaving = lost.Count(a => a.Lease == lease);
            if (leaving > 0 && lease.Attempts.Count == leaving)
            {
                DropLease(lease, refused, draft);
            }
            else if (leaving > 0)
            {
                draft.Add(new LeaseClosed(lease.Lease.Id));
            }
        }
    }
}
