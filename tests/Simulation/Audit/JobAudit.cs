using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation.Audit;

/// <summary>A job by its durable events alone, and what executors say about its attempts.</summary>
/// <param name="shareOf">Its share of a node that it has had nothing of yet.</param>
/// <param name="diedAt">When that boot of a node ended without a word; null for one that did not.</param>
/// <param name="closedAt">When the Lighthouse last saw a connection of the node close.</param>
internal sealed class JobAudit(string jobId, JobSpec spec, Func<JobAudit, string, OnNode> shareOf, Func<string, long?> diedAt, Func<string, long?> closedAt)
{
    private readonly Dictionary<AttemptRef, Assigned> assigned = []; // looked up, never walked
    private readonly Dictionary<(string NodeId, AttemptRef Attempt), Outcome> ends = []; // looked up, never walked
    private readonly TasksMade made = new(spec);
    private readonly int[] live = new int[spec.TaskCount];
    private readonly int[] latest = new int[spec.TaskCount];
    private readonly int[] failures = new int[spec.TaskCount];
    private readonly int[] nodeFaults = new int[spec.TaskCount];
    private readonly HashSet<int> doubled = []; // looked up, never walked
    private readonly int[] losses = new int[spec.TaskCount];
    private readonly Outcome?[] results = new Outcome?[spec.TaskCount];
    private readonly Dictionary<string, OnNode> nodes = new(StringComparer.Ordinal); // looked up, never walked
    private int waiting; // tasks that nobody was given, and items of no task
    private int running;
    private bool hasFailed; // for good
    private long? gatheredAt;

    public string Id => jobId;

    public int DurableCount { get; private set; }

    public bool IsSubmitted { get; private set; }

    public bool IsCancelled { get; private set; }

    public JobState? EndState { get; private set; }

    public long EndedAt { get; private set; }

    /// <summary>Since when there has always been a task that nobody was given; null while there is none.</summary>
    public long? WaitsSince =>
        waitsSince is not { } since || !MayBegin ? null
        : Combines ? Math.Max(Math.Max(since, coolsUntil), gatheredAt!.Value)
        : Before.Aggregate(Math.Max(since, coolsUntil), (at, b) => Math.Max(at, b.EndedAt + Bounds.Told));

    private long? waitsSince;

    /// <summary>Until then some task that failed is not given to any node, or not to one where it failed.</summary>
    private long coolsUntil;

    /// <summary>Its supervisor came back, maybe with another clock: what cools does so for as long as it may at most.</summary>
    public void Recovered(long now)
    {
        RecoveredAt = now;
        coolsUntil = coolsUntil > 0 ? now + Bounds.CoolingMost : 0;
    }

    /// <summary>Jobs that must have ended with success before it begins.</summary>
    public IReadOnlyList<JobAudit> Before { get; set; } = [];

    /// <summary>It works on the results of the job before it, once these were put together.</summary>
    public bool Combines { get; set; }

    /// <summary>It ended by itself at some time, whatever a retry made of it then.</summary>
    public bool HadResults { get; private set; }

    /// <summary>It ended without success, whatever a retry made of it then.</summary>
    public bool HadNoSuccess { get; private set; }

    /// <summary>When its supervisor last came back from its journal.</summary>
    public long RecoveredAt { get; private set; } = long.MinValue;

    public int Results { get; private set; }

    public int Attempts { get; private set; }

    public int Reopens { get; private set; }

    /// <summary>As the job went.</summary>
    public int TasksMade => spec.Items is { IsAuto: true } ? made.Count : 0;

    /// <summary>How often a failure ended it with tasks to come.</summary>
    public int EndsAtOnce { get; private set; }

    /// <summary>Tasks without a result, or items of such tasks where tasks are sized as the job goes.</summary>
    public int Unfinished { get; private set; } = spec.TaskCount;

    private bool MayBegin => Combines ? gatheredAt is not null : Before.All(b => b.EndState == JobState.Succeeded);

    /// <summary>Somebody may be given one more.</summary>
    private bool MayGoOn => waiting > 0 && EndState is null && running < (spec.Max ?? int.MaxValue);

    private bool HasBegun => Combines ? gatheredAt is not null : Attempts > 0;

    public void Durable(JobEvent e, long now)
    {
        if (EndState is not null && e is not JobReopened)
        {
            throw Broken(Rule.EndIsEnd, $"{Describe.Any(e)} after the job ended as {EndState}");
        }

        DurableCount++;
        var couldGoOn = MayGoOn;
        switch (e)
        {
            case JobSubmitted:
                Require(!IsSubmitted, Rule.SubmittedOnce, "a second JobSubmitted");
                IsSubmitted = true;
                waiting = spec.TaskCount;
                break;
            case TasksAssigned a:
                Assign(a, now);
                break;
            case TasksEnded ended:
                foreach (var end in ended.Ends)
                {
                    End(ended.NodeName, end, now);
                }

                break;
            case AttemptsLost lost:
                foreach (var attempt in lost.Attempts)
                {
                    Require(assigned.ContainsKey(attempt), Rule.KnownAttempts, $"{Describe.Any(attempt)} is lost and never was assigned");
                    losses[attempt.Task]++;
                    if (lost.Slow)
                    {
                        doubled.Add(attempt.Task);
                    }

                    assigned[attempt].MayHaveGone = MayHaveGone(assigned[attempt]);
                    Node(assigned[attempt].Lease.NodeId).Fault(now);
                    Free(attempt);
                }

                break;
            case JobCancelled:
                IsCancelled = true;
                break;
            case JobCompleted completed:
                Complete(completed, now);
                break;
            case InputsGathered:
                Require(Combines && Before.All(b => b.HadResults), Rule.RunsAfter, "results were put together of a job that has not ended");
                gatheredAt = now;
                break;
            case JobReopened:
                Reopen();
                break;
        }

        if (!MayGoOn)
        {
            waitsSince = null;
        }
        else if (!couldGoOn || e is JobReopened)
        {
            waitsSince = now;
        }
    }

    /// <summary>An executor starts the attempt: someone must have written down that it may.</summary>
    /// <returns>The lease that it was given on.</returns>
    public Lease Started(SimNode node, AttemptRef attempt)
    {
        Require(
            assigned.TryGetValue(attempt, out var where) && where.Lease.NodeId == node.Id,
            Rule.WrittenBeforeAssigned,
            $"{node.Id} started {Describe.Any(attempt)}, which the journal gave to {where?.Lease.NodeId ?? "nobody"}");
        Require(where!.Lease.BootId == node.BootId, Rule.OneBoot, $"{node.BootId} started {Describe.Any(attempt)}, which was for {where.Lease.BootId}");
        where.Started = true;
        Node(node.Id).Start(where.Lease);
        return where.Lease;
    }

    public void Ended(string nodeId, AttemptRef attempt, Outcome outcome)
    {
        ends[(nodeId, attempt)] = outcome;
        Node(nodeId).End(assigned[attempt].Lease);
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

    /// <summary>Null for a node that it never had anything of.</summary>
    public OnNode? ShareOf(string nodeId) => nodes.GetValueOrDefault(nodeId);

    /// <summary>By the journal it is still to come to an end.</summary>
    public bool IsLive(AttemptRef attempt) =>
        EndState is null && attempt.Task >= 0 && attempt.Task < live.Length && live[attempt.Task] == attempt.Attempt && attempt.Attempt > 0;

    private void Assign(TasksAssigned e, long now)
    {
        Require(MayBegin, Rule.RunsAfter, "it runs, and not all jobs before it have ended with success");
        Require(!hasFailed, Rule.FailsAtOnce, "it goes on, and a task of it has failed for good");
        foreach (var size in e.Made ?? [])
        {
            Require(made.Make(size), Rule.KnownTasks, $"a task of {size} items is made, {made.Left} items are of no task");
            waiting -= size - 1;
        }

        foreach (var range in e.Tasks)
        {
            for (var task = range.First; task < range.End; task++)
            {
                Require(task >= 0 && task < made.Count, Rule.KnownTasks, $"task {task} of {made.Count} is assigned");
                Require(range.Attempt > latest[task], Rule.NumbersOnce, $"task {task} gets attempt {range.Attempt} after {latest[task]}");
                Require(live[task] == 0 && results[task] is null, Rule.OneCurrent, $"task {task} gets attempt {range.Attempt} with {live[task]} under way or a result");
                assigned.Add(new AttemptRef(task, range.Attempt), new Assigned(e.Lease, now));
                Node(e.Lease.NodeId).Give(now, e.Lease);
                latest[task] = live[task] = range.Attempt;
                waiting--;
                running++;
                Attempts++;
                Require(running <= (spec.Max ?? int.MaxValue), Rule.AtOnce, $"{running} attempts are under way of at most {spec.Max}");
            }
        }
    }

    private void End(string nodeName, TaskEnd end, long now)
    {
        var id = end.Attempt;
        var shown = Describe.Any(id);
        if (!assigned.TryGetValue(id, out var where))
        {
            throw Broken(Rule.KnownAttempts, $"{shown} ended and never was assigned");
        }

        Require(where.Lease.NodeName == nodeName, Rule.ResultsFromNode, $"{shown} ended on {nodeName}, was given to {where.Lease.NodeName}");
        Require(results[id.Task] is null, Rule.OneResult, $"{shown} ended after the task had its result");
        if (end.Outcome.Cause == EndCause.NodeLost)
        {
            GiveUp(id, end.Committed);
        }
        else
        {
            Require(ends.TryGetValue((where.Lease.NodeId, id), out var real), Rule.ResultsReal, $"{shown} has not ended on {where.Lease.NodeId}");
            Require(real == end.Outcome, Rule.ResultsReal, $"{shown} is written as {Describe.Any(end.Outcome)} and was {Describe.Any(real)}");
        }

        if (IsNodesFault(end.Outcome.Cause))
        {
            Node(where.Lease.NodeId).Fault(now);
        }

        if (!end.Committed)
        {
            Require(!end.Outcome.Succeeded, Rule.SuccessIsResult, $"{shown} succeeded and is not committed");
            Retry(id.Task, end.Outcome.Cause, now);
            Free(id);
            return;
        }

        Require(end.Outcome.Succeeded || MayBeFinal(id.Task, end.Outcome.Cause), Rule.RetriesUsed, $"task {id.Task} ends with {shown}, {Describe.Any(end.Outcome)}, after {failures[id.Task]} failures with {spec.RetriesMax} retries and {nodeFaults[id.Task]} faults of nodes");
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
        Unfinished -= made.Weight(id.Task);
        hasFailed |= !end.Outcome.Succeeded && !spec.KeepGoing;
    }

    /// <summary>Node after node must really have died under the task.</summary>
    private void GiveUp(AttemptRef id, bool committed)
    {
        var deaths = 0;
        for (var attempt = 1; attempt <= latest[id.Task]; attempt++)
        {
            deaths += assigned.TryGetValue(new AttemptRef(id.Task, attempt), out var given) && DiedUnder(new AttemptRef(id.Task, attempt), given) ? 1 : 0;
        }

        var others = Math.Max(0, losses[id.Task] + 1 - deaths);
        Require(
            committed && (deaths * Bounds.LossesOfDeath) + others >= Bounds.DeathsMax * Bounds.LossesOfDeath,
            Rule.GivenUpForReason,
            $"{Describe.Any(id)} is given up after {deaths} deaths of nodes and {others} other losses");
    }

    /// <summary>The attempt was there and had not ended when the node's process did, or never came there: see <see cref="MayHaveGone"/>.</summary>
    private bool DiedUnder(AttemptRef id, Assigned given) =>
        !ends.ContainsKey((given.Lease.NodeId, id)) && (given.Started ? diedAt(given.Lease.BootId) is not null : given.MayHaveGone ?? MayHaveGone(given));

    /// <summary>
    /// The process had died by now, or its connection had closed: of an attempt that was under way then, its node has nothing to
    /// claim when it comes back, so nobody can tell these two apart.
    /// </summary>
    private bool MayHaveGone(Assigned given) =>
        diedAt(given.Lease.BootId) is not null || closedAt(given.Lease.NodeId) >= given.At - Bounds.Closing;

    /// <summary>The node's fault, not the task's.</summary>
    private static bool IsNodesFault(EndCause cause) => cause is EndCause.Cancelled or EndCause.InputsFailed or EndCause.DiskFull;

    /// <summary>A failure says nothing of the task either while it may end well where it was only slow.</summary>
    private bool SaysNothing(int task, EndCause cause) => IsNodesFault(cause) || doubled.Contains(task);

    private bool MayBeFinal(int task, EndCause cause) =>
        cause == EndCause.NodeLost || (SaysNothing(task, cause) ? nodeFaults[task] >= Bounds.NodeFaultsMax : failures[task] >= spec.RetriesMax);

    private void Retry(int task, EndCause cause, long now)
    {
        if (SaysNothing(task, cause))
        {
            nodeFaults[task]++;
            Require(nodeFaults[task] <= Bounds.NodeFaultsMax, Rule.RetriesBounded, $"nodes failed task {task} {nodeFaults[task]} times");
        }
        else
        {
            failures[task]++;
            coolsUntil = Math.Max(coolsUntil, now + Bounds.Cooling(failures[task]));
            Require(failures[task] <= spec.RetriesMax, Rule.RetriesBounded, $"task {task} failed {failures[task]} times with {spec.RetriesMax} retries");
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
        running--;
        var lease = assigned[attempt].Lease;
        Node(lease.NodeId).Take(lease);
    }

    private void Complete(JobCompleted e, long now)
    {
        var failed = results.Count(r => r is { Succeeded: false });
        if (!IsCancelled && !HasBegun && Before.Any(b => b.HadNoSuccess))
        {
            Require(e is { State: JobState.Cancelled, ExitCode: not 0 }, Rule.EndTrue, $"the job ended as {e.State} and never began");
            (EndState, EndedAt, HadNoSuccess) = (e.State, now, true);
            return;
        }

        var expected = IsCancelled ? JobState.Cancelled : failed > 0 ? JobState.Failed : JobState.Succeeded;
        Require(IsCancelled || hasFailed || Unfinished == 0, Rule.Done, $"the job ended as {e.State} with {Results} results of {made.Count}, {Unfinished} to come");
        Require(e.State == expected, Rule.EndTrue, $"the job ended as {e.State}, its results say {expected}");
        Require(IsCancelled || (e.ExitCode == 0) == (failed == 0), Rule.EndTrue, $"the job ended with exit code {e.ExitCode} and {failed} failed tasks");
        EndState = e.State;
        EndedAt = now;
        EndsAtOnce += !IsCancelled && Unfinished > 0 ? 1 : 0;
        HadResults |= !IsCancelled;
        HadNoSuccess |= e.State != JobState.Succeeded;
        for (var task = 0; task < made.Count; task++)
        {
            if (live[task] > 0)
            {
                Take(new AttemptRef(task, live[task])); // cancelled: nobody counts on it any more
            }
        }
    }

    /// <summary>What has succeeded stays; all else is as if it had never been tried, but for the numbers.</summary>
    private void Reopen()
    {
        Require(EndState is JobState.Failed or JobState.Cancelled, Rule.EndIsEnd, $"the job is reopened and was {EndState?.ToString() ?? "not over"}");
        (EndState, IsCancelled, hasFailed, gatheredAt) = (null, false, false, null);
        Reopens++;
        for (var task = 0; task < made.Count; task++)
        {
            if (results[task] is { Succeeded: false })
            {
                results[task] = null;
                Results--;
                Unfinished += made.Weight(task);
            }
        }

        Array.Clear(failures);
        Array.Clear(nodeFaults);
        doubled.Clear();
        waiting = made.Count - Results + made.Left;
    }

    private void Require(bool holds, Rule rule, string what)
    {
        if (!holds)
        {
            throw Broken(rule, what);
        }
    }

    private ViolationException Broken(Rule rule, string what) => new(new Violation(rule, $"{jobId}: {what}", jobId, null));

    private OnNode Node(string nodeId)
    {
        if (!nodes.TryGetValue(nodeId, out var node))
        {
            nodes.Add(nodeId, node = shareOf(this, nodeId));
        }

        return node;
    }

    private sealed record Assigned(Lease Lease, long At)
    {
        public bool Started { get; set; }

        /// <summary>When it was lost; null until then.</summary>
        public bool? MayHaveGone { get; set; }
    }
}
