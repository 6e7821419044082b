using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Simulation.Audit;

/// <summary>What really runs on a node, as its executor does it.</summary>
internal sealed class NodeAudit(string nodeId)
{
    private readonly Dictionary<(string JobId, AttemptRef Attempt), Resources> running = []; // looked up, never walked
    private readonly HashSet<(string JobId, AttemptRef Attempt)> startedInThisBoot = []; // looked up, never walked
    private Resources lent = Resources.None;
    private Resources inUse = Resources.None;

    public long IdleSince { get; private set; }

    public bool IsIdle => running.Count == 0;

    public void BootStarted(Resources lentNow, long now)
    {
        startedInThisBoot.Clear();
        lent = lentNow;
        IdleSince = now;
    }

    public void BootEnded(long now)
    {
        running.Clear();
        inUse = Resources.None;
        IdleSince = now;
    }

    /// <summary>What runs may go on; what starts from now on must fit.</summary>
    public void LoanChanged(Resources lentNow) => lent = lentNow;

    public void Started(string jobId, AttemptRef attempt, Resources perTask)
    {
        if (!startedInThisBoot.Add((jobId, attempt)))
        {
            throw Broken("an attempt is started once", $"{nodeId} started {Describe.Any(attempt)} again", jobId);
        }

        running.Add((jobId, attempt), perTask);
        inUse = inUse.Plus(perTask);
        if (!inUse.FitsIn(lent))
        {
            throw Broken("no more than is lent", $"{nodeId} uses {Describe.Any(inUse)} of {Describe.Any(lent)}", jobId);
        }
    }

    public void Ended(string jobId, AttemptRef attempt, long now)
    {
        if (!running.Remove((jobId, attempt), out var perTask))
        {
            throw Broken("an attempt ends once", $"{nodeId} ended {Describe.Any(attempt)} without a start", jobId);
        }

        inUse = inUse.Minus(perTask);
        IdleSince = now;
    }

    private ViolationException Broken(string rule, string what, string? jobId) => new(new Violation(rule, what, jobId, nodeId));
}
