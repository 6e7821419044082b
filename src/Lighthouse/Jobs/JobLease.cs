using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>A lease that the job holds and the attempts that were sent on it.</summary>
internal sealed class JobLease(Lease lease)
{
    private double wallMsMean;
    private int shown;

    public Lease Lease { get; private set; } = lease;

    /// <summary>As the journal last said; a Fleet may have stated it anew since, and will again after a restart.</summary>
    public Lease Journaled { get; set; } = lease;

    /// <summary>The node's newest connection that this job has heard of.</summary>
    public long Connection { get; private set; } = lease.Connection;

    /// <summary>How fast it does items; set through <see cref="JobLeases"/>, which sums it.</summary>
    public ItemPace Pace { get; set; }

    public long MilliItemsPerSecond => Pace.MilliItemsPerSecond(Lease.Slots);

    /// <summary>No order: the last takes the place of one that is removed.</summary>
    public List<RunningAttempt> Attempts { get; } = [];

    /// <summary>The node's name when the first of its attempts began; it may have another by now.</summary>
    public string BusyAs { get; set; } = "";

    /// <summary>Takes no further tasks.</summary>
    public bool Closed { get; set; }

    /// <summary>The Fleet wants all but so many of its slots back; null when it may keep them.</summary>
    public int? RecalledTo { get; set; }

    /// <summary>It was held before a restart, and its node has not been heard since.</summary>
    public bool Recovering { get; set; }

    /// <summary>Attempts that may run at once, the others wait on the node.</summary>
    public int Busy => Math.Min(Lease.Slots, Attempts.Count);

    /// <summary>
    /// How many more tasks to send when <paramref name="held"/> attempts are on it: none until less than half of what is
    /// wanted ahead is left, then all of it, so that short tasks share a message.
    /// </summary>
    /// <param name="sized">The tasks are sized as they are sent: none ahead, the last ones say nothing of the next.</param>
    public int Room(int held, bool sized)
    {
        var slots = RecalledTo is { } kept ? Math.Min(kept, Lease.Slots) : Lease.Slots;
        var ahead = sized || slots < Lease.Slots ? 0 : AheadPerSlot() * slots;
        return Closed || held >= slots + (ahead + 1) / 2 ? 0 : slots + ahead - held;
    }

    /// <summary>Whether slots that are wanted back are free when <paramref name="held"/> attempts are on it.</summary>
    public bool MustShrink(int held) => !Closed && RecalledTo < Lease.Slots && held < Lease.Slots;

    public void Renew(Lease newer)
    {
        if (newer.Epoch >= Lease.Epoch)
        {
            RecalledTo = newer.Epoch > Lease.Epoch ? null : RecalledTo; // the new Fleet knows nothing of it
            Lease = newer;
            Connection = Math.Max(Connection, newer.Connection);
        }
    }

    public void Heard(long connection) => Connection = Math.Max(Connection, connection);

    public void Add(RunningAttempt attempt)
    {
        attempt.Index = Attempts.Count;
        Attempts.Add(attempt);
    }

    public void Remove(RunningAttempt attempt)
    {
        var last = Attempts[^1];
        Attempts[attempt.Index] = last;
        last.Index = attempt.Index;
        Attempts.RemoveAt(Attempts.Count - 1);
    }

    /// <summary>Learns from an attempt that ended by itself.</summary>
    public void Show(double wallMs)
    {
        var ms = double.IsFinite(wallMs) && wallMs > 0 ? wallMs : 0;
        wallMsMean = shown == 0 ? ms : wallMsMean + JobLimits.WallMeanWeight * (ms - wallMsMean);
        shown = Math.Min(shown + 1, JobLimits.AheadShownMin);
    }

    public LeaseSnapshot Snapshot() => new(
        Journaled, wallMsMean, shown, [.. Attempts.Select(a => new AttemptSnapshot(a.Id.Task, a.Id.Attempt, a.Connection, a.SentAt))])
    {
        Pace = Pace.IsKnown ? Pace : null,
    };

    /// <summary>Takes over what the lease had shown.</summary>
    public void Restore(LeaseSnapshot snapshot) => (wallMsMean, shown, Pace) = (snapshot.WallMsMean, snapshot.Shown, snapshot.Pace ?? default);

    private int AheadPerSlot() =>
        shown < JobLimits.AheadShownMin ? 0 : (int)Math.Min(JobLimits.AheadPerSlotMax, JobLimits.AheadMs / Math.Max(wallMsMean, 0.1));
}

/// <summary>A task's current attempt.</summary>
internal sealed class RunningAttempt(AttemptRef id, JobLease lease, long connection, DateTimeOffset sentAt)
{
    public AttemptRef Id { get; } = id;

    public JobLease Lease { get; } = lease;

    /// <summary>The node's connection when it was sent.</summary>
    public long Connection { get; } = connection;

    /// <summary>When it was first sent to the node.</summary>
    public DateTimeOffset AssignedAt { get; } = sentAt;

    /// <summary>When it was last sent to the node.</summary>
    public DateTimeOffset SentAt { get; set; } = sentAt;

    /// <summary>When a report of the node last named it; null while none has.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>It ran before a restart, and its node has not been heard since.</summary>
    public bool Recovering { get; set; }

    public int Index { get; set; }

    /// <summary>Neither sent nor confirmed of late.</summary>
    public bool IsOverdue(DateTimeOffset now) =>
        now - (ConfirmedAt > SentAt ? ConfirmedAt.Value : SentAt) >= TimeSpan.FromSeconds(JobLimits.UnconfirmedSeconds);
}
