using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Jobs;

public sealed partial class JobSupervisor
{
    private readonly SortedSet<string> committedBy = new(StringComparer.Ordinal);
    private DateTimeOffset submittedAt;
    private DateTimeOffset? startedAt;
    private JobCompleted? completed;

    /// <summary>Of tasks that have their results.</summary>
    private int itemsDone;

    /// <summary>The failed task of the lowest index, so that the reason does not depend on the order of results.</summary>
    private (int Task, Outcome Outcome)? firstFailure;

    internal int Succeeded { get; private set; }

    internal int Failed { get; private set; }

    /// <summary>No task from this one on ever had an attempt.</summary>
    public int NeverBegun => pending.Fresh;

    /// <summary>The job as lists show it.</summary>
    /// <exception cref="InvalidOperationException">There is no such job.</exception>
    public JobView View()
    {
        var spec = Spec ?? throw new InvalidOperationException($"there is no job {Self.Id}");
        var state = completed?.State ?? (running.Count > 0 ? JobState.Running : JobState.Queued);
        return new JobView(
            Self.Id, spec.Name, spec.Owner, spec.Display, state.ToString().ToLowerInvariant(), chunks.Made + chunks.Left,
            HasEnded ? 0 : Waiting + cooling.Count - cooling.Ready, HasEnded ? 0 : running.Count, Succeeded, Failed, completed?.ExitCode, submittedAt, startedAt,
            completed?.At, HasEnded ? [.. committedBy] : [.. leases.BusyNodes.Take(JobLimits.NodeNamesMax)], completed?.Reason)
        {
            Items = chunks.HasItems ? chunks.ItemCount : null,
            ItemsDone = chunks.HasItems ? itemsDone : null,
            Join = spec.Items?.Join,
            Files = spec.Items?.Files,
            After = spec.After,
            Combines = spec.Combines,
        };
    }

    /// <summary>
    /// A task that has no committed result: queued or running (cancelled, with its job). Null when it has one, or there is no such
    /// task. Of one that was slow and runs elsewhere too, that is the slow attempt: both write the same, and it has written more.
    /// </summary>
    public TaskView? Unfinished(int task)
    {
        if (task < 0 || running.GetValueOrDefault(task) is var attempt && attempt is null && NextAttemptOf(task) == 0)
        {
            return null;
        }

        var state = HasEnded ? JobState.Cancelled : attempt is null ? JobState.Queued : JobState.Running;
        var slow = attempt is null ? null : superseded.Slow(task);
        return new TaskView(
            task, state.ToString().ToLowerInvariant(), slow?.Id.Attempt ?? attempt?.Id.Attempt ?? NextAttemptOf(task) - 1,
            slow?.NodeName ?? attempt?.Lease.Lease.NodeName, null, null, null, null, null, null, 0, null);
    }

    /// <summary>The task and what stands behind its state; null when there is no such task, or it has its result.</summary>
    public TaskWhyView? Why(int task)
    {
        if (task < 0 || task >= View().Tasks || (Unfinished(task) is null && task < chunks.Made))
        {
            return null;
        }

        var view = Unfinished(task) ?? NotMade(task);
        var (known, attempt) = (failures.GetValueOrDefault(task), running.GetValueOrDefault(task));
        return new TaskWhyView(Self.Id, view, known.Own, known.Tries ?? [])
        {
            Since = view.State == "running" ? attempt?.AssignedAt : null,
            SlowOn = attempt is null ? null : superseded.Slow(task)?.NodeName,
            RetryAt = cooling.EndOf(task),
        };
    }

    /// <summary>Of a task that failed by itself and waits to be tried again: its newest failure; else null.</summary>
    public AttemptFailed? Failure(int task) =>
        !HasEnded && cooling.AttemptOf(task) is > 1 and var next && failures.GetValueOrDefault(task) is { Own: > 0 and var own, Tries: [.., var last] }
            ? new AttemptFailed(task, next - 1, last.Node, last.How, RetryPolicy.Cooling(own - 1).TotalSeconds)
            : null;

    /// <summary>Of items that no task has yet.</summary>
    private TaskView NotMade(int task) => new(
        task, (HasEnded ? JobState.Cancelled : JobState.Queued).ToString().ToLowerInvariant(), 0, null, null, null, null, null, null, null, 0, null);

    /// <summary>Whether this attempt is the task's running one, on this node.</summary>
    public bool IsAssigned(AttemptRef attempt, string nodeId) =>
        !HasEnded && running.TryGetValue(attempt.Task, out var current) && current.Id == attempt && current.Lease.Lease.NodeId == nodeId;

    /// <summary>Whether a result of this attempt from this node would count: it is the running one, or was replaced and may still win.</summary>
    public bool MayFinish(AttemptRef attempt, string nodeId) =>
        IsAssigned(attempt, nodeId) || (!HasEnded && superseded.Find(attempt, nodeId) is not null);

    private void Commit(string nodeName, int task, Outcome outcome)
    {
        itemsDone += chunks.Of(task).Count;
        if (outcome.Succeeded)
        {
            Succeeded++;
        }
        else
        {
            Failed++;
            firstFailure = firstFailure is { } first && first.Task < task ? first : (task, outcome);
        }

        if (committedBy.Count < JobLimits.NodeNamesMax)
        {
            committedBy.Add(nodeName);
        }
    }
}
