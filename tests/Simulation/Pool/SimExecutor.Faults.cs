using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

// What may go wrong with a task.
internal sealed partial class SimExecutor
{
    private readonly Rng failing = rng.Fork("failing");
    private readonly Rng hanging = rng.Fork("hanging");

    /// <summary>A node that stalls gets on with nothing.</summary>
    private void AfterWork(long delay, Action action) => node.After(delay, () =>
    {
        if (node.Has(FaultKind.NodeStalls))
        {
            node.After(node.Until(FaultKind.NodeStalls) - pool.Queue.Now, action);
        }
        else
        {
            action();
        }
    });

    private EndCause? NotBegun(Run run) =>
        node.Has(FaultKind.NodeDiskFull) ? EndCause.InputsFailed
        : pool.Plans[run.JobId].FateOf(run.Attempt.Task) is EndCause.InputsFailed or EndCause.NotStarted ? Fate(run)
        : Fails(0.1) ? failing.Pick(EndCause.InputsFailed, EndCause.NotStarted)
        : null;

    private (EndCause Cause, int ExitCode) HowItEnds(Run run) =>
        node.Has(FaultKind.NodeDiskFull) ? (EndCause.DiskFull, 1)
        : Fate(run) is { } fate ? (fate, 1)
        : Fails(1) ? failing.Pick(
            (EndCause.Exited, 1), (EndCause.Signalled, 139), (EndCause.OutOfMemory, 137), (EndCause.OutputLimit, 137), (EndCause.DiskFull, 1))
        : (EndCause.Exited, 0);

    private EndCause? NotStored() =>
        pool.Lighthouse.Disk.IsStoreFull ? EndCause.NotStored
        : node.Has(FaultKind.NodeDiskFull) ? EndCause.DiskFull
        : null;

    /// <summary>How the task ends wherever it runs; null when that is not settled.</summary>
    private EndCause? Fate(Run run)
    {
        var fate = pool.Plans[run.JobId].FateOf(run.Attempt.Task);
        if (fate is not null)
        {
            pool.Tally.Count(FaultKind.TaskFailed);
        }

        return fate;
    }

    private bool Fails(double share)
    {
        if (!failing.Chance(pool.Faults.Rate(FaultKind.TaskFailed) * share))
        {
            return false;
        }

        pool.Tally.Count(FaultKind.TaskFailed);
        return true;
    }

    private bool Hangs()
    {
        if (pool.IsHealed || !hanging.Chance(pool.Faults.Rate(FaultKind.TaskHangs)))
        {
            return false;
        }

        pool.Tally.Count(FaultKind.TaskHangs);
        return true;
    }

    /// <summary>The process of the node goes with the task.</summary>
    private void Poison(Run run)
    {
        if (run.Phase == Phase.Running && !run.Killing)
        {
            node.Crash(FaultKind.TaskPoisons, rng.Between(10 * Virtual.Millisecond, 3 * Virtual.Second));
        }
    }
}
