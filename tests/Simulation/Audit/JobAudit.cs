using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation.Audit;

/// <summary>A job by its durable events alone, and what executors say about its attempts.</summary>
/// <param name="sharesOf">The shares of all jobs, by node.</param>
internal sealed class JobAudit(string jobId, int taskCount, int retriesMax, Func<string, List<OnNode>> sharesOf)
{
    private readonly Dictionary<AttemptRef, Assigned> assigned = []; // looked up, never walked
    private readonly Dictionary<(string NodeId, AttemptRef Attempt), Outcome> ends = []; // looked up, never walked
    private readonly int[] live = new int[taskCount];
    private readonly int[] latest = new int[taskCount];
    private readonly int[] failures = new int[taskCount];
    private readonly int[] nodeFaults = new int[taskCount];
    private readonly int[] losses = new int[taskCount];
    private readonly Outcome?[] results = new Outcome?[taskCount];
    private readonly Dictionary<string, OnNode> nodes = new(StringComparer.Ordinal); // looked up, never walked
    private int waiting;

    public string Id => jobId;

    public int DurableCount { get; private set; }

    public bool IsSubmitted { get; private set; }

    public bool IsCancelled { get; private set; }

    public JobState? EndState { get; private set; }

    public long EndedAt { get; private set; }

    /// <summary>Since when there has always been a task that nobody was given; null while there is none.</summary>
    public long? WaitsSince { get; private set; }

    /// <summary>When its supervisor last came back from its journal.</summary>
    public long RecoveredAt { get; set; } = long.MinValue;

    public int Results { get; private set; }

    public int Attempts { get; private set; }

    public int Unfinished => taskCount - Results;

    public void Durable(JobEvent e, long now)
    {
        if (EndState is not null)
        {
            throw Broken("the end is the end", $"{Describe.Any(e)} after the job ended as {EndState}");
        }

        DurableCount++;
        var before = waiting;
        switch (e)
        {
            case JobSubmitted:
                Require(!IsSubmitted, "submitted once", "a second JobSubmitted");
                IsSubmitted = true;
                waiting = taskCount;
                break;
            case TasksAssigned a:
                Assign(a, now);
                break;
            case TasksEnded ended:
                foreach (var end in ended.Ends)
                {
                    End(ended.NodeName, end);
                }

                break;
            case AttemptsLost lost:
                foreach (var attempt in lost.Attempts)
                {
                    Require(assigned.ContainsKey(attempt), "known attempts", $"{Describe.Any(attempt)} is lost and never was assigned");
                    losses[attempt.Task]++;
                    Free(attempt);
                }

                break;
            case JobCancelled:
                IsCancelled = true;
                break;
            case JobCompleted completed:
                Complete(completed, now);
                break;
        }

        if (waiting == 0 || EndState is not null)
        {
            WaitsSince = null;
        }
        else if (before == 0)
        {
            WaitsSince = now;
        }
    }

    /// <summary>An executor starts the attempt: someone must have written down that it may.</summary>
    /// <returns>The lease that it was given on.</returns>
    public Lease Started(SimNode node, AttemptRef attempt)
    {
        Require(
            assigned.TryGetValue(attempt, out var where) && where.Lease.NodeId == node.Id,
            "assignments are written before they are sent",
            $"{node.Id} started {Describe.Any(attempt)}, which the journal gave to {where?.Lease.NodeId ?? "nobody"}");
        Require(where!.Lease.BootId == node.BootId, "an assignment is for one boot", $"{node.BootId} started {Describe.Any(attempt)}, which was for {where.Lease.BootId}");
        Node(node.Id).Start();
        return where.Lease;
    }

    public void Ended(string nodeId, AttemptRef attempt, Outcome outcome)
    {
        ends[(nodeId, attempt)] = outcome;
        Node(nodeId).End();
    }

    public void NotStored(string nodeId, AttemptRef attempt, Outcome outcome) => ends[(nodeId, attempt)] = outcome;

    public bool WasAssigned(string leaseId, TaskRange range)
    {
        for (var task = range.First; task < range.End; task++)
        {
            if (assigned.GetValueOrDefault(new AttemptRef(task, range.Attempt))?.Lease.Id != leaseId)
            {
                return false;
            }
        }

        return true;
    }

    public Lease? LeaseOf(AttemptRef attempt) => assigned.GetValueOrDefault(attempt)?.Lease;

    public long GivenAt(AttemptRef attempt) => assigned[attempt].At;

    /// <summary>By the journal it is still to come to an end.</summary>
    public bool IsLive(AttemptRef attempt) =>
        EndState is null && attempt.Task >= 0 && attempt.Task < taskCount && live[attempt.Task] == attempt.Attempt && attempt.Attempt > 0;

    private void Assign(TasksAssigned e, long now)
    {
        foreach (var range in e.Tasks)
        {
            for (var task = range.First; task < range.End; task++)
            {
                Require(task >= 0 && task < taskCount, "known tasks", $"task {task} of {taskCount} is assigned");
                Require(range.Attempt > latest[task], "attempt numbers never repeat", $"task {task} gets attempt {range.Attempt} after {latest[task]}");
                Require(live[task] == 0 && results[task] is null, "one current attempt a task", $"task {task} gets attempt {range.Attempt} with {live[task]} under way or a result");
                assigned.Add(new AttemptRef(task, range.Attempt), new Assigned(e.Lease, now));
                Node(e.Lease.NodeId).Give(now, e.Lease);
                latest[task] = live[task] = range.Attempt;
                waiting--;
                Attempts++;
            }
        }
    }

    private void End(string nodeName, TaskEnd end)
    {
        var id = end.Attempt;
        var shown = Describe.Any(id);
        if (!assigned.TryGetValue(id, out var where))
        {
            throw Broken("known attempts", $"{shown} ended and never was assigned");
        }

        Require(where.Lease.NodeName == nodeName, "results come from where the attempt ran", $"{shown} ended on {nodeName}, was given to {where.Lease.NodeName}");
        Require(results[id.Task] is null, "one result a task", $"{shown} ended after the task had its result");
        if (end.Outcome.Cause == EndCause.NodeLost)
        {
            Require(end.Committed && losses[id.Task] >= Bounds.LossesMax - 1, "a task is given up for a reason", $"{shown} is given up after {losses[id.Task]} losses");
        }
        else
        {
            Require(ends.TryGetValue((where.Lease.NodeId, id), out var real), "results are real", $"{shown} has not ended on {where.Lease.NodeId}");
            Require(real == end.Outcome, "results are real", $"{shown} is written as {Describe.Any(end.Outcome)} and was {Describe.Any(real)}");
        }

        if (!end.Committed)
        {
            Require(!end.Outcome.Succeeded, "success is a result", $"{shown} succeeded and is not committed");
            Retry(id.Task, end.Outcome.Cause);
            Free(id);
            return;
        }

        Require(end.Outcome.Succeeded || MayBeFinal(id.Task, end.Outcome.Cause), "retries are used", $"task {id.Task} ends with {shown}, {Describe.Any(end.Outcome)}, after {failures[id.Task]} failures with {retriesMax} retries and {nodeFaults[id.Task]} faults of nodes");
        if (live[id.Task] == 0)
        {
            waiting--; // a replaced attempt won before its replacement was sent
        }
        else
        {
            Take(new AttemptRef(id.Task, live[id.Task]));
        }
        results[id.Task] = end.Outcome;
        Results++;
    }

    /// <summary>The node's fault, not the task's.</summary>
    private static bool IsNodesFault(EndCause cause) => cause is EndCause.Cancelled or EndCause.InputsFailed or EndCause.DiskFull;

    private bool MayBeFinal(int task, EndCause cause) =>
        cause == EndCause.NodeLost || (IsNodesFault(cause) ? nodeFaults[task] >= Bounds.NodeFaultsMax : failures[task] >= retriesMax);

    private void Retry(int task, EndCause cause)
    {
        if (IsNodesFault(cause))
        {
            nodeFaults[task]++;
            Require(nodeFaults[task] <= Bounds.NodeFaultsMax, "retries are bounded", $"nodes failed task {task} {nodeFaults[task]} times");
        }
        else
        {
            failures[task]++;
            Require(failures[task] <= retriesMax, "retries are bounded", $"task {task} failed {failures[task]} times with {retriesMax} retries");
        }
    }

    private void Free(AttemptRef attempt)
    {
        if (live[attempt.Task] == attempt.Attempt)
        {
            Take(attempt);
            waiting++;
        }
    }

    private void Take(AttemptRef attempt)
    {
        live[attempt.Task] = 0;
        var lease = assigned[attempt].Lease;
        Node(lease.NodeId).Take(lease);
    }

    private void Complete(JobCompleted e, long now)
    {
        var failed = results.Count(r => r is { Succeeded: false });
        var expected = IsCancelled ? JobState.Cancelled : failed > 0 ? JobState.Failed : JobState.Succeeded;
        Require(IsCancelled || Results == taskCount, "done means done", $"the job ended as {e.State} with {Results} results of {taskCount}");
        Require(e.State == expected, "the end says what happened", $"the job ended as {e.State}, its results say {expected}");
        Require(IsCancelled || (e.ExitCode == 0) == (failed == 0), "the end says what happened", $"the job ended with exit code {e.ExitCode} and {failed} failed tasks");
        EndState = e.State;
        EndedAt = now;
    }

    private void Require(bool holds, string rule, string what)
    {
        if (!holds)
        {
            throw Broken(rule, what);
        }
    }

    private ViolationException Broken(string rule, string what) => new(new Violation(rule, $"{jobId}: {what}", jobId, null));

    private OnNode Node(string nodeId)
    {
        if (!nodes.TryGetValue(nodeId, out var node))
        {
            nodes.Add(nodeId, node = new OnNode(this, sharesOf(nodeId)));
        }

        return node;
    }

    private sealed record Assigned(Lease Lease, long At);
}
