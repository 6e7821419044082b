using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>
/// Which items each task has. Where all tasks are alike that is arithmetic; where they are sized as the job goes, one number
/// is kept of each that was made, and none of what is still whole.
/// </summary>
internal sealed class TaskChunks
{
    private readonly JobItems items;

    /// <summary>Of sized tasks: where each one's items end.</summary>
    private readonly List<int> ends = [];

    /// <summary>Of a job without items each task is one.</summary>
    public TaskChunks(int taskCount) => items = new JobItems(taskCount, 1);

    public TaskChunks(JobSpec spec)
    {
        HasItems = spec.Items is not null;
        items = spec.Items ?? new JobItems(spec.TaskCount, 1);
    }

    /// <summary>Whether tasks are told their items; otherwise their indexes say all.</summary>
    public bool HasItems { get; }

    public bool IsAuto => items.IsAuto;

    public int ItemCount => items.Count;

    /// <summary>Tasks that there are, without those that may yet be made.</summary>
    public int Made => IsAuto ? ends.Count : items.TaskCount;

    /// <summary>Items of no task yet.</summary>
    public int Left => IsAuto ? items.Count - MadeItems : 0;

    /// <summary>Of sized tasks, in order.</summary>
    public IReadOnlyList<int> Sizes => [.. Enumerable.Range(0, ends.Count).Select(task => Of(task).Count)];

    private int MadeItems => ends.Count > 0 ? ends[^1] : 0;

    /// <param name="task">One that was made.</param>
    public ItemRange Of(int task)
    {
        var first = !IsAuto ? task * items.Chunk : task == 0 ? 0 : ends[task - 1];
        var end = IsAuto ? ends[task] : (int)Math.Min((long)first + items.Chunk, items.Count);
        return new ItemRange(first, end - first);
    }

    /// <summary>Makes tasks of the next items, so many of each.</summary>
    public void Make(IEnumerable<int> sizes)
    {
        foreach (var size in sizes)
        {
            if (size < 1 || size > Left)
            {
                throw new InvalidOperationException($"a task of {size} items is made where {Left} are left");
            }

            ends.Add(MadeItems + size);
        }
    }
}
