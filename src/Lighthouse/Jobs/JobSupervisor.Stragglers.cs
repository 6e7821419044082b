using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

// When nothing waits any more, an idle slot takes on what runs elsewhere and would take longer there; the first result wins.
public sealed partial class JobSupervisor
{
    /// <summary>Of tasks that have siblings to be compared with.</summary>
    private readonly SortedSet<RunningAttempt> byAge = new(Comparer<RunningAttempt>.Create(
        (a, b) => a.AssignedAt != b.AssignedAt ? a.AssignedAt.CompareTo(b.AssignedAt) : a.Id.Task.CompareTo(b.Id.Task)));

    /// <summary>The oldest attempt elsewhere that a slot of this node would overtake; null if there is none.</summary>
    /// <param name="shown">How fast the node is, as far as it has shown it.</param>
    private RunningAttempt? Straggler(string nodeId, ItemPace shown, DateTimeOffset now) =>
        Stragglers(shown, now).FirstOrDefault(attempt =>
            attempt.Lease.Lease.NodeId != nodeId && superseded.OfTask(attempt.Id.Task).All(earlier => earlier.NodeId != nodeId));

    private IEnumerable<RunningAttempt> Stragglers(ItemPace shown, DateTimeOffset now)
    {
        var idle = shown.IsKnown ? shown : pace;
        return resumedAt is null || HasFailed || Spec!.Max is not null || Succeeded < JobLimits.StragglerShownMin
            ? [] // right after a restart all is waited for, what has failed is over, and a limit of what runs at once holds for doubles
            : byAge.Take(JobLimits.StragglersMax).Where(attempt =>
                !attempt.Recovering && !IsSuspect(attempt.Id.Task) && superseded.OfTask(attempt.Id.Task).Count < JobLimits.DoublesMax && IsOvertaken(attempt, idle, now));
    }

    /// <summary>
    /// Begun anew it would be done in half of what it still needs where it is: that is, what its own node usually takes less
    /// what has passed; once it is late, it is taken to need as long again as it is late.
    /// </summary>
    private bool IsOvertaken(RunningAttempt attempt, ItemPace idle, DateTimeOffset now)
    {
        var items = chunks.Of(attempt.Id.Task).Count;
        var usual = items * (attempt.Lease.Pace.IsKnown ? attempt.Lease.Pace : pace).ItemMs;
        var left = Math.Abs(usual - (now - attempt.AssignedAt).TotalMilliseconds);
        return items * idle.ItemMs + JobLimits.StragglerStartMs < left / 2;
    }

    /// <summary>The slow one goes on and may still win; its lease gets nothing more.</summary>
    private void Double(RunningAttempt slow, Lease lease, DateTimeOffset now, Draft<JobEvent> draft)
    {
        draft.Add(new AttemptsLost([slow.Id], $"{slow.Lease.Lease.NodeName} is slow at it: {lease.NodeName} does it, too", now) { Slow = true });
        if (slow.Lease.Attempts.Count == 1)
        {
            DropLease(slow.Lease, refused: false, draft, isInUse: true);
        }
        else if (!slow.Lease.Closed)
        {
            draft.Add(new LeaseClosed(slow.Lease.Lease.Id));
        }

        var task = slow.Id.Task;
        AssignTasks(lease, new Deal([new TaskRange(task, 1, slow.Id.Attempt + 1)], chunks.HasItems ? [chunks.Of(task)] : null, []), now, draft);
    }

    /// <summary>What is asked of the Fleet when stragglers are counted in: slots elsewhere, one for each.</summary>
    private Demand DemandWithStragglers(DateTimeOffset now)
    {
        var demand = Demand!;
        var slow = Waiting > 0 ? [] : Stragglers(default, now).ToList();
        return slow.Count == 0 ? demand : demand with
        {
            SlotsWanted = Math.Min(SlotsMax(Spec!), demand.SlotsWanted + slow.Count),
            Avoid =
            [
                .. demand.Avoid.Union(slow.Select(attempt => attempt.Lease.Lease.NodeId))
                    .Union(slow.SelectMany(attempt => superseded.OfTask(attempt.Id.Task)).Select(earlier => earlier.NodeId)),
            ],
        };
    }
}
