using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Simulation.Audit;

/// <summary>What really runs on a node, as its executor does it.</summary>
internal sealed class NodeAudit(string nodeId)
{
    private readonly Dictionary<(string JobId, AttemptRef Attempt), (Resources PerTask, string LeaseId)> running = []; // looked up, never walked
    private readonly HashSet<(string JobId, AttemptRef Attempt)> startedInThisBoot = []; // looked up, never walked
    private readonly Dictionary<string, int> byLease = new(StringComparer.Ordinal); // looked up, never walked
    private Resources lent = Resources.None;
    private Resources inUse = Resources.None;

    private long highestEpoch;

    public bool IsIdle => running.Count == 0;

    public void BootStarted(Resources lentNow)
    {
        startedInThisBoot.Clear();
        highestEpoch = 0;
        lent = lentNow;
    }

    public void BootEnded()
    {
        running.Clear();
        byLease.Clear();
        inUse = Resources.None;
    }

    /// <summary>What runs may go on; what starts from now on must fit.</summary>
    public void LoanChanged(Resources lentNow) => lent = lentNow;

    public void Assigned(Lease lease, bool starts)
    {
        if (starts && lease.Epoch < highestEpoch)
        {
            throw Broken(Rule.EarlierFleet, $"{nodeId} starts what came on {Describe.Any(lease)} after it took on what is of epoch {highestEpoch}", lease.JobId);
        }

        highestEpoch = starts ? Math.Max(highestEpoch, lease.Epoch) : highestEpoch;
    }

    public void Started(Lease lease, AttemptRef attempt, Resources perTask)
    {
        var jobId = lease.JobId;
        if (!startedInThisBoot.Add((jobId, attempt)))
        {
            throw Broken(Rule.StartsOnce, $"{nodeId} started {Describe.Any(attempt)} again", jobId);
        }

        running.Add((jobId, attempt), (perTask, lease.Id));
        if ((byLease[lease.Id] = byLease.GetValueOrDefault(lease.Id) + 1) > lease.Slots)
        {
            throw Broken(Rule.LeaseKept, $"{nodeId} runs {byLease[lease.Id]} attempts on {Describe.Any(lease)}", jobId);
        }

        inUse = inUse.Plus(perTask);
        if (!inUse.FitsIn(lent))
        {
            throw Broken(Rule.UsedFits, $"{nodeId} uses {Describe.Any(inUse)} of {Describe.Any(lent)}", jobId);
        }
    }

    public void Ended(string jobId, AttemptRef attempt)
    {
        if (!running.Remove((jobId, attempt), out var was))
        {
            throw Broken(Rule.EndsOnce, $"{nodeId} ended {Describe.Any(attempt)} without a start", jobId);
        }

        inUse = inUse.Minus(was.PerTask);
        byLease[was.LeaseId]--;
    }

    private ViolationException Broken(Rule rule, string what, string? jobId) => new(new Violation(rule, what, jobId, nodeId));
}
