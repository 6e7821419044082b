using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Audit;

/// <summary>
/// Keeps its own books of what is durable, what was sent and what executors did, and throws at the first broken promise.
/// It believes no machine: a machine that is wrong would answer wrongly.
/// </summary>
internal sealed partial class Auditor
{
    private readonly EventQueue clock;
    private readonly IReadOnlyList<JobPlan> plans;
    private readonly IReadOnlyList<SimNode> nodes;
    private readonly FaultProfile faults;
    private readonly Func<string?> unsettled;
    private readonly JobAudit[] jobs;
    private readonly Dictionary<string, JobAudit> jobsById = new(StringComparer.Ordinal); // looked up, never walked
    private readonly Dictionary<string, NodeAudit> nodesById = new(StringComparer.Ordinal); // looked up, never walked
    private readonly Dictionary<string, int> nodeNumbers = new(StringComparer.Ordinal); // looked up, never walked
    private readonly List<OnNode>[] shares; // by node's number
    private readonly NodeRoom[] rooms; // by node's number
    private readonly NodeAudit[] nodeAudits;
    private readonly Dictionary<string, long> diedAt = new(StringComparer.Ordinal); // boots that ended without a word; looked up, never walked
    private readonly HashSet<string> acknowledged = new(StringComparer.Ordinal); // looked up, never walked
    private readonly HashSet<string> cancelAnswered = new(StringComparer.Ordinal); // looked up, never walked
    private readonly long?[] goneSince;
    private readonly long?[] closedAt;
    private long? faultsEndedAt;
    private long endBy;
    private long? allEndedAt;
    private long starts;
    private long snapshots;
    private long recoveries;
    private long restores;
    private long restartedAt = long.MinValue;

    /// <param name="unsettled">What the pool still holds when all is over, or null: the one thing that machines are asked.</param>
    public Auditor(EventQueue clock, IReadOnlyList<JobPlan> plans, IReadOnlyList<SimNode> nodes, FaultProfile faults, Func<string?> unsettled)
    {
        this.faults = faults;
        this.unsettled = unsettled;
        goneSince = new long?[nodes.Count];
        closedAt = new long?[nodes.Count];
        this.clock = clock;
        shares = [.. nodes.Select(_ => new List<OnNode>())];
        rooms = [.. nodes.Select(n => new NodeRoom(n.Whole, [.. plans.Select(p => p.Spec.Request.On(n.Whole))], () => clock.Now))];
        this.plans = plans;
        this.nodes = nodes;
        jobs = [.. plans.Select(p => new JobAudit(p.Id, p.Spec, ShareOf, boot => diedAt.TryGetValue(boot, out var at) ? at : null, id => closedAt[nodeNumbers[id]]))];
        nodeAudits = [.. nodes.Select(n => new NodeAudit(n.Id))];
        for (var i = 0; i < plans.Count; i++)
        {
            jobsById.Add(plans[i].Id, jobs[i]);
            jobs[i].Before = [.. (plans[i].Spec.After ?? []).Select(id => jobsById[id])];
            jobs[i].Combines = plans[i].Spec.Combines is not null;
        }

        for (var i = 0; i < nodes.Count; i++)
        {
            nodesById.Add(nodes[i].Id, nodeAudits[i]);
            nodeNumbers.Add(nodes[i].Id, i);
        }
    }

    public AuditCounts Counts => new()
    {
        Jobs = jobs.Length,
        Tasks = plans.Sum(p => (long)p.Spec.TaskCount),
        Attempts = jobs.Sum(j => (long)j.Attempts),
        Starts = starts,
        Results = jobs.Sum(j => (long)j.Results),
        Snapshots = snapshots,
        Recoveries = recoveries,
        Restores = restores,
        Made = jobs.Sum(j => (long)j.TasksMade),
        FailedAtOnce = jobs.Sum(j => (long)j.EndsAtOnce),
        Reopens = jobs.Sum(j => (long)j.Reopens),
        LoseNothing = faults is { LosesNothing: true, IsCalm: false } ? 1 : 0,
    };

    private long Now => clock.Now;

    // What is durable.

    public void Durable(string jobId, JobEvent e)
    {
        var job = Job(jobId);
        if (e is AttemptsLost lost)
        {
            LookAtLost(job, lost);
        }

        job.Durable(e, Now);
        if (e is JobReopened)
        {
            allEndedAt = null;
            endBy = faultsEndedAt is null ? endBy : Math.Max(endBy, DueAt());
        }

        if (e is TasksAssigned assigned && faults.IsCalm)
        {
            LookAtLeases(assigned.Lease.NodeId, jobId);
        }
    }

    /// <summary>A process of the Lighthouse starts: what ran before waits for its nodes.</summary>
    public void LighthouseStarted() => restartedAt = Now;

    public void SnapshotStored() => snapshots++;

    /// <param name="snapshotAt">Where its reading began.</param>
    public void Recovered(string jobId, long events, long snapshotAt)
    {
        recoveries++;
        restores += snapshotAt > 0 ? 1 : 0;
        if (jobsById.TryGetValue(jobId, out var job))
        {
            job.Recovered(Now);
            if (job.DurableCount != events)
            {
                throw Broken(Rule.DurableStays, $"{jobId} comes back with {events} events of {job.DurableCount}", jobId);
            }
        }
    }

    // What is said.

    public void Sent(Address from, Envelope envelope)
    {
        switch (envelope.Message)
        {
            case Assign assign when assign.Tasks.Any(t => !Job(assign.Lease.JobId).WasAssigned(assign.Lease.Id, t)):
                throw Broken(Rule.WrittenBeforeAssigned, $"{Describe.Any(assign)} is not in the journal", assign.Lease.JobId);
            case StopAttempts stop when stop.Attempts.Any(a => Job(stop.JobId).IsLive(a)):
                throw Broken(Rule.WrittenBeforeStopped, $"{Describe.Any(stop)}, of which the journal still counts on some", stop.JobId);
            case NodeBlamed blamed:
                Blamed(blamed);
                break;
            case ReduceLease reduce:
                foreach (var share in shares.SelectMany(s => s).Where(s => s.Job.Id == reduce.JobId))
                {
                    share.Reduce(reduce.LeaseId, reduce.Slots);
                }

                break;
            case ResultAck ack when ack.Attempts.Any(a => Job(ack.JobId).IsLive(a)):
                throw Broken(Rule.WrittenBeforeAcknowledged, $"{Describe.Any(ack)} while it is still to end", ack.JobId);
        }
    }

    public void Acknowledged(string jobId)
    {
        acknowledged.Add(jobId);
        if (!Job(jobId).IsSubmitted)
        {
            throw Broken(Rule.AcknowledgedSubmit, $"{jobId} is acknowledged and not in the journal", jobId);
        }
    }

    public void CancelAnswered(string jobId, JobCancelReply reply)
    {
        cancelAnswered.Add(jobId);
        if (!reply.Found || Job(jobId) is { EndState: null, Reopens: 0 })
        {
            throw Broken(Rule.CancelKept, $"{jobId} is answered {reply} and has not ended", jobId);
        }
    }

    public void RetryAnswered(string jobId)
    {
        if (Job(jobId).Reopens == 0)
        {
            throw Broken(Rule.RetryKept, $"{jobId} is said to go on and has not been reopened", jobId);
        }
    }

    // What executors do.

    public void NodeStarted(string nodeId, Resources lent) => nodesById[nodeId].BootStarted(lent);

    /// <param name="goodbye">It told the Lighthouse that it leaves, and had handed everything back.</param>
    public void NodeEnded(string nodeId, string bootId, bool goodbye)
    {
        nodesById[nodeId].BootEnded();
        rooms[nodeNumbers[nodeId]].BootEnded();
        shares[nodeNumbers[nodeId]].ForEach(s => s.BootEnded());
        if (!goodbye)
        {
            diedAt.Add(bootId, Now);
        }
    }

    /// <summary>The Lighthouse sees a connection of the node close.</summary>
    public void ConnectionClosed(string nodeId) => closedAt[nodeNumbers[nodeId]] = Now;

    /// <summary>A Worker got an assignment and starts some of it at once, or not.</summary>
    public void Assigned(string nodeId, Lease lease, bool starts) => nodesById[nodeId].Assigned(lease, starts);

    public void LoanChanged(string nodeId, Resources lent) => nodesById[nodeId].LoanChanged(lent);

    public void ExecutorStarted(SimNode node, string jobId, AttemptRef attempt, Resources perTask)
    {
        starts++;
        var job = Job(jobId);
        nodesById[node.Id].Started(job.Started(node, attempt), attempt, perTask);
        if (job.EndState is { } state && node.IsWhole && Now - Math.Max(job.EndedAt, node.DisturbedAt) > Bounds.StartsAfterEnd)
        {
            throw Broken(Rule.OverStartsNothing, $"{node.Id} starts {Describe.Any(attempt)} of {jobId}, long {state}", jobId);
        }
    }

    public void ExecutorEnded(string nodeId, string jobId, AttemptRef attempt, Outcome outcome)
    {
        nodesById[nodeId].Ended(jobId, attempt);
        Job(jobId).Ended(nodeId, attempt, outcome);
    }

    /// <summary>What the attempt left could not be stored: that is its end then.</summary>
    public void ExecutorNotStored(string nodeId, string jobId, AttemptRef attempt, Outcome outcome) =>
        Job(jobId).NotStored(nodeId, attempt, outcome);

    private void LookAtLost(JobAudit job, AttemptsLost lost)
    {
        if (Now - restartedAt >= Bounds.RecoveryLeast || restartedAt == long.MinValue)
        {
            return;
        }

        foreach (var attempt in lost.Attempts)
        {
            if (job.LeaseOf(attempt) is { } lease && job.GivenAt(attempt) < restartedAt && nodes[nodeNumbers[lease.NodeId]].HeardAt < restartedAt)
            {
                throw Broken(Rule.RestartWaits, $"{job.Id} replaces {Describe.Any(attempt)} {Virtual.Show(Now - restartedAt).Trim()} s after a restart, {lease.NodeId} has not been heard since", job.Id);
            }
        }
    }

    /// <summary>Where nothing goes wrong, the leases that hold attempts fit into what the node has.</summary>
    private void LookAtLeases(string nodeId, string jobId)
    {
        var node = nodes[nodeNumbers[nodeId]];
        var leased = Resources.None;
        foreach (var lease in shares[nodeNumbers[nodeId]].Where(s => s.Job.EndState is null).SelectMany(s => s.Leases))
        {
            leased = leased.Plus(lease.PerTask.Times(lease.Slots));
        }

        if (!leased.FitsIn(node.Whole))
        {
            throw Broken(Rule.LeasedFits, $"{Describe.Any(leased)} of {node.Id}, which has {Describe.Any(node.Whole)}", jobId);
        }
    }

    // What should have happened by now.

    public void FaultsEnded()
    {
        faultsEndedAt = Now;
        endBy = DueAt();
    }

    /// <summary>When all that is unfinished now is done, if nothing goes wrong any more.</summary>
    private long DueAt()
    {
        var (work, longest) = (0L, 0L);
        for (var i = 0; i < plans.Count; i++)
        {
            if (jobs[i].EndState is null)
            {
                // As if the jobs ran one after another, each with the whole pool for itself, and half of that again for
                // retries and uneven ends; and one task may use all its tries.
                var plan = plans[i];
                var task = plan.TaskMost + Bounds.TaskOverhead;
                work += ((jobs[i].Unfinished / plan.SlotsIn(nodes)) + 1L) * task * 3 / 2;
                work += plan.Fate is null ? 0 : jobs[i].Unfinished * (Bounds.RefusedPause + task);
                var last = (task * (plan.Spec.RetriesMax + 1)) + Enumerable.Range(1, plan.Spec.RetriesMax).Sum(Bounds.Cooling) + (plan.Poison is null ? 0 : Bounds.Poison);
                longest = Math.Max(longest, last);
                work += plan.Spec.After is null ? 0 : last + Bounds.Told; // it begins when others have had all their tries
            }
        }

        return Now + Bounds.Liveness + work + longest;
    }

    private OnNode ShareOf(JobAudit job, string nodeId) => new(job, shares[nodeNumbers[nodeId]], rooms[nodeNumbers[nodeId]]);

    private JobAudit Job(string jobId) =>
        jobsById.GetValueOrDefault(jobId) ?? throw Broken(Rule.KnownJobs, $"nobody submitted {jobId}", jobId);

    private static ViolationException Broken(Rule rule, string what, string jobId) => new(new Violation(rule, what, jobId, null));
}
