using AkkaCompute.Protocol.Api;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>What the pool tells of a job.</summary>
/// <param name="Tasks">Empty until it has ended, as what follows.</param>
/// <param name="Outputs">By task; the committed attempt's stdout. A task that printed nothing may be missing.</param>
/// <param name="Files">By task, then by path; a task without result files may be missing.</param>
internal sealed record ToldJob(
    JobView View, IReadOnlyList<TaskView> Tasks, IReadOnlyDictionary<int, byte[]> Outputs,
    IReadOnlyDictionary<int, IReadOnlyDictionary<string, byte[]>> Files)
{
    /// <summary>All jobs of the pool.</summary>
    public static async Task<IReadOnlyList<ToldJob>> AskAsync(PoolSocket pool, CancellationToken cancel)
    {
        var told = new List<ToldJob>();
        foreach (var view in await pool.JobsAsync(cancel))
        {
            told.Add(view.HasEnded ? await AskAsync(pool, view, cancel) : new ToldJob(view, [], new Dictionary<int, byte[]>(), new Dictionary<int, IReadOnlyDictionary<string, byte[]>>()));
        }

        return told;
    }

    private static async Task<ToldJob> AskAsync(PoolSocket pool, JobView view, CancellationToken cancel)
    {
        var tasks = await pool.TasksAsync(view.Id, cancel);
        var files = new Dictionary<int, IReadOnlyDictionary<string, byte[]>>();
        foreach (var task in tasks.Where(t => t.ResultsDigest is not null))
        {
            files[task.Index] = await pool.FilesAsync(task.ResultsDigest!, cancel);
        }

        return new ToldJob(view, tasks, await pool.OutputsAsync(view.Id, cancel), files);
    }
}
