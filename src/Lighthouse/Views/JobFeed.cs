namespace AkkaCompute.Lighthouse.Views;

/// <summary>Who watches which job. A change costs a look-up where nobody does.</summary>
internal sealed class JobFeed : IJobFeed
{
    private readonly Lock _gate = new();

    // Replaced whole under the gate, read without it.
    private volatile Dictionary<string, Subscription[]> _byJob = [];

    /// <summary>Whether anybody would hear of a change just now.</summary>
    public bool IsWatched(string jobId) => _byJob.ContainsKey(jobId);

    public IJobSubscription Subscribe(string jobId)
    {
        var subscription = new Subscription(this, jobId);
        lock (_gate)
        {
            _byJob = new(_byJob) { [jobId] = [.. _byJob.GetValueOrDefault(jobId, []), subscription] };
        }

        return subscription;
    }

    public void Changed(string jobId, int task)
    {
        foreach (var subscription in _byJob.GetValueOrDefault(jobId, []))
        {
            subscription.Add(task);
        }
    }

    public void Changed(string jobId)
    {
        foreach (var subscription in _byJob.GetValueOrDefault(jobId, []))
        {
            subscription.Add(task: null);
        }
    }

    public event Action<string>? Ended;

    /// <summary>The job has ended (durable).</summary>
    public void End(string jobId) => Ended?.Invoke(jobId);

    private void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            var rest = _byJob.GetValueOrDefault(subscription.JobId, []).Where(s => s != subscription).ToArray();
            var byJob = new Dictionary<string, Subscription[]>(_byJob);
            if (rest.Length == 0)
            {
                byJob.Remove(subscription.JobId);
            }
            else
            {
                byJob[subscription.JobId] = rest;
            }

            _byJob = byJob;
        }
    }

    private sealed class Subscription(JobFeed feed, string jobId) : IJobSubscription
    {
        private readonly Lock _gate = new();
        private readonly SemaphoreSlim _some = new(0);
        private HashSet<int> _tasks = [];
        private bool _job;

        public string JobId { get; } = jobId;

        public void Add(int? task)
        {
            lock (_gate)
            {
                var first = !_job && _tasks.Count == 0;
                if (task is { } index)
                {
                    _tasks.Add(index);
                }
                else
                {
                    _job = true;
                }

                if (!first)
                {
                    return;
                }
            }

            _some.Release();
        }

        public async Task<JobChanges> NextAsync(CancellationToken cancel)
        {
            await _some.WaitAsync(cancel);
            HashSet<int> tasks;
            bool job;
            lock (_gate)
            {
                (tasks, _tasks) = (_tasks, []);
                (job, _job) = (_job, false);
            }

            var ordered = tasks.ToArray();
            Array.Sort(ordered);
            return new JobChanges(job, ordered);
        }

        public void Dispose() => feed.Remove(this);
    }
}
