using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>How many jobs of each person have not ended. Each is a machine in memory and a place in the queue. Thread-safe.</summary>
/// <param name="ownMax">Of one person.</param>
internal sealed class UnfinishedJobs(int ownMax = UnfinishedJobs.OwnMax)
{
    /// <summary>A loop that submits without end fills the memory otherwise; an array of any size is one job.</summary>
    public const int OwnMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _ownerOf = new(StringComparer.Ordinal); // by job
    private readonly Dictionary<string, int> _count = new(StringComparer.Ordinal); // by owner

    /// <summary>Those of an earlier Lighthouse. What ends meanwhile is told to <see cref="Ended"/>.</summary>
    public async Task LoadAsync(IViews views, CancellationToken cancel)
    {
        foreach (var job in await views.JobsAsync(all: false, int.MaxValue, JobPlace.Newest, cancel))
        {
            Add(job.Id, job.Owner, int.MaxValue, out _);
        }
    }

    /// <summary>Null when there is room, or the job is counted already; otherwise what to do.</summary>
    /// <param name="isNew">It is counted from now on: if it is not made after all, call <see cref="Ended"/>.</param>
    public string? Add(string jobId, string owner, out bool isNew) =>
        Add(jobId, owner, ownMax, out isNew)
            ? null
            : $"you have {ownMax} unfinished jobs, as many as one person may have: wait until some end, end some with 'akc kill', or make one job of many tasks";

    /// <summary>The job has ended, or was never made.</summary>
    public void Ended(string jobId)
    {
        lock (_gate)
        {
            if (_ownerOf.Remove(jobId, out var owner) && --_count[owner] == 0)
            {
                _count.Remove(owner);
            }
        }
    }

    private bool Add(string jobId, string owner, int max, out bool isNew)
    {
        lock (_gate)
        {
            var count = _count.GetValueOrDefault(owner);
            isNew = !_ownerOf.ContainsKey(jobId) && count < max;
            if (isNew)
            {
                _ownerOf.Add(jobId, owner);
                _count[owner] = count + 1;
            }

            return isNew || _ownerOf.ContainsKey(jobId);
        }
    }
}
