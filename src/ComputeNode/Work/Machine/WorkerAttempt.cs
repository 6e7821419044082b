using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work.Machine;

internal enum AttemptState
{
    /// <summary>Waits for a slot of its lease.</summary>
    Queued,

    /// <summary>The executor fetches its inputs, or its process runs.</summary>
    Running,

    /// <summary>Not wanted any more; its process is not gone yet.</summary>
    Stopping,

    /// <summary>The process is gone; its output and files are being stored.</summary>
    Ended,

    /// <summary>Its result is told until someone acknowledges it.</summary>
    Finished,
}

/// <summary>An attempt on this node.</summary>
internal sealed class WorkerAttempt(WorkerJob job, WorkerLease lease, TakenAttempt taken, long number, DateTimeOffset takenAt)
{
    public WorkerJob Job { get; } = job;

    public WorkerLease Lease { get; } = lease;

    public AttemptRef Id { get; } = taken.Id;

    public ItemRange? Items { get; } = taken.Items;

    /// <summary>Grows with each attempt taken on: the order of the queue.</summary>
    public long Number { get; } = number;

    public AttemptState State { get; set; }

    /// <summary>When the supervisor last said that it counts on it.</summary>
    public DateTimeOffset ClaimedAt { get; set; } = takenAt;

    /// <summary>When to kill it or to say something again; null for never. Change it only outside of the index of what is due.</summary>
    public DateTimeOffset? Due { get; set; }

    /// <summary>Why it is being killed; null while it is not.</summary>
    public EndCause? KillCause { get; set; }

    public Outcome? Outcome { get; set; }

    public Produced Produced { get; set; } = Produced.Nothing;

    public InlineOutput? Inline { get; set; }
}

/// <summary>A job with attempts here.</summary>
internal sealed class WorkerJob(string id, TaskTemplate? template, string? templateDigest, int taskCount)
{
    public string Id { get; } = id;

    public TaskTemplate? Template { get; } = template;

    public string? TemplateDigest { get; } = templateDigest;

    public int TaskCount { get; } = taskCount;

    public SortedDictionary<AttemptRef, WorkerAttempt> Attempts { get; } = new(
        Comparer<AttemptRef>.Create((a, b) => a.Task != b.Task ? a.Task.CompareTo(b.Task) : a.Attempt.CompareTo(b.Attempt)));
}

/// <summary>A lease with attempts here.</summary>
internal sealed class WorkerLease(Lease lease)
{
    /// <summary>As its newest Fleet states it. What a task gets never changes.</summary>
    public Lease Lease { get; private set; } = lease;

    /// <summary>By number.</summary>
    public SortedDictionary<long, WorkerAttempt> Queued { get; } = [];

    /// <summary>Attempts whose processes hold slots, stopping ones too.</summary>
    public int Running { get; set; }

    /// <summary>All attempts, finished ones too.</summary>
    public int Attempts { get; set; }

    public void Renew(Lease stated) =>
        Lease = stated.Epoch >= Lease.Epoch ? stated with { PerTask = Lease.PerTask } : Lease;

    /// <summary>What the lease may use just now: its slots, or fewer when it has fewer attempts.</summary>
    public Resources InUse => Lease.PerTask.Times(Math.Min(Lease.Slots, Running + Queued.Count));
}
