using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>One job as a stream reads it: what is durable from the views, what runs from the machine, bytes from the store.</summary>
internal sealed class JobReader(PoolParts pool, string id, CancellationToken cancel)
{
    /// <summary>Tasks asked for at once: bounds the memory of one stream and the time of one visit to the machine.</summary>
    public const int PageMax = 1000;

    public async Task<JobView> ViewAsync() =>
        await pool.Views.JobAsync(id, cancel) ?? throw new InvalidOperationException($"job {id} is gone");

    /// <summary>Committed results from <paramref name="first"/> on, at most <see cref="PageMax"/>.</summary>
    public Task<IReadOnlyList<TaskView>> ResultsAsync(int first, int count = PageMax) =>
        pool.Views.ResultsAsync(id, first, Math.Min(count, PageMax), cancel);

    /// <summary>Committed results among <paramref name="tasks"/> (in order, at most <see cref="PageMax"/>), by task.</summary>
    public async Task<Dictionary<int, TaskView>> ResultsAsync(IReadOnlyList<int> tasks)
    {
        var results = new Dictionary<int, TaskView>();
        for (var i = 0; i < tasks.Count;)
        {
            // One question for each run of neighbours; arrays end in such runs.
            var next = i + 1;
            while (next < tasks.Count && tasks[next] == tasks[next - 1] + 1)
            {
                next++;
            }

            foreach (var result in await ResultsAsync(tasks[i], next - i))
            {
                if (result.Index > tasks[next - 1])
                {
                    break;
                }

                results.Add(result.Index, result);
            }

            i = next;
        }

        return results;
    }

    /// <summary>Those of <paramref name="tasks"/> that have an attempt and no result.</summary>
    public async Task<IReadOnlyList<TaskView>> BegunAsync(IReadOnlyList<int> tasks) =>
        tasks.Count == 0 ? [] : await pool.Machines.ReadJobAsync(id, job => Begun(tasks.Select(job.Unfinished)), cancel) ?? [];

    /// <summary>The same of the next page from <paramref name="first"/> on; where the page ends, null where no task behind it was begun.</summary>
    public async Task<(IReadOnlyList<TaskView> Tasks, int? End)> BegunAsync(int first)
    {
        var page = await pool.Machines.ReadJobAsync(
            id,
            job =>
            {
                var end = (int)Math.Min((long)first + PageMax, job.NeverBegun);
                return new { Tasks = Begun(Enumerable.Range(first, Math.Max(0, end - first)).Select(job.Unfinished)), End = end < job.NeverBegun ? end : (int?)null };
            },
            cancel);
        return page is null ? ([], null) : (page.Tasks, page.End);
    }

    /// <summary>Of <paramref name="tasks"/> those that failed and wait to be tried again.</summary>
    public async Task<IReadOnlyList<AttemptFailed>> FailuresAsync(IReadOnlyList<int> tasks) =>
        tasks.Count == 0 ? [] : await pool.Machines.ReadJobAsync(id, job => tasks.Select(job.Failure).OfType<AttemptFailed>().ToList(), cancel) ?? [];

    /// <param name="bytesCommitted">See <see cref="Lighthouse.Outputs.IOutputStore.ReadAsync"/>.</param>
    public IAsyncEnumerable<SegmentFrame> OutputAsync(int task, Position from, long bytesCommitted) =>
        pool.Outputs.ReadAsync(id, new AttemptRef(task, from.Attempt), from.Segment, cancel, bytesCommitted);

    private static List<TaskView> Begun(IEnumerable<TaskView?> tasks) =>
        [.. tasks.OfType<TaskView>().Where(task => task.State is "running" or "cancelled" && task.Attempt > 0)];
}
