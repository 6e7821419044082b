using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Simulation.Audit;

/// <summary>Which tasks of a job there are: all from the start, or those that its journal has made so far of its items.</summary>
internal sealed class TasksMade(JobSpec spec)
{
    private readonly List<int>? sizes = spec.Items is { IsAuto: true } ? [] : null;

    public int Count => sizes?.Count ?? spec.TaskCount;

    /// <summary>Items of no task yet.</summary>
    public int Left { get; private set; } = spec.Items is { IsAuto: true } items ? items.Count : 0;

    /// <summary>False where there are not so many items.</summary>
    public bool Make(int size)
    {
        if (sizes is null || size < 1 || size > Left)
        {
            return false;
        }

        sizes.Add(size);
        Left -= size;
        return true;
    }

    /// <summary>What it counts of the job: its items where tasks are sized as the job goes, else one.</summary>
    public int Weight(int task) => sizes?[task] ?? 1;
}
