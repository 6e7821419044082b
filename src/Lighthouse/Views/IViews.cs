using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Lighthouse.Views;

/// <summary>Projections for lists, written with the events that they follow from.</summary>
internal interface IViews
{
    /// <summary>The newest of those before <paramref name="before"/>, newest last; without <paramref name="all"/> only jobs that have not ended.</summary>
    Task<IReadOnlyList<JobView>> JobsAsync(bool all, int limit, JobPlace before, CancellationToken cancel);

    Task<JobView?> JobAsync(string id, CancellationToken cancel);

    /// <summary>Committed results of tasks from <paramref name="first"/> on, by index, at most <paramref name="count"/>.</summary>
    Task<IReadOnlyList<TaskView>> ResultsAsync(string jobId, int first, int count, CancellationToken cancel);

    Task<TaskView?> ResultAsync(string jobId, int task, CancellationToken cancel);
}

/// <summary>Tells who watches a job that something changed; what changed is read from the views, the machine and the output store.</summary>
internal interface IJobFeed
{
    IJobSubscription Subscribe(string jobId);

    /// <summary>A task got an attempt, more output or a result (durable). Never blocks.</summary>
    void Changed(string jobId, int task);

    /// <summary>The job's view changed (durable). Never blocks.</summary>
    void Changed(string jobId);

    /// <summary>A job has ended (durable), watched or not. Whoever listens never blocks.</summary>
    event Action<string> Ended;
}

/// <summary>Changes since the last call, without doubles: bounded by the number of tasks however slow the reader is.</summary>
internal interface IJobSubscription : IDisposable
{
    /// <summary>Waits until there is one; the tasks are in index order.</summary>
    Task<JobChanges> NextAsync(CancellationToken cancel);
}

internal readonly record struct JobChanges(bool Job, IReadOnlyList<int> Tasks);
