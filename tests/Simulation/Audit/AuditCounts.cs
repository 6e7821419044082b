namespace AkkaCompute.Simulation.Audit;

/// <summary>What a run did, by the auditor's books.</summary>
internal sealed class AuditCounts
{
    public long Jobs { get; set; }

    public long Tasks { get; set; }

    /// <summary>Durable assignments, counted a task.</summary>
    public long Attempts { get; set; }

    /// <summary>Processes that executors really started.</summary>
    public long Starts { get; set; }

    /// <summary>Committed results.</summary>
    public long Results { get; set; }

    /// <summary>Written with an append.</summary>
    public long Snapshots { get; set; }

    /// <summary>Supervisors that came back from their journal.</summary>
    public long Recoveries { get; set; }

    /// <summary>Of these, those that began with a snapshot.</summary>
    public long Restores { get; set; }

    /// <summary>Jobs that had ended without success and went on.</summary>
    public long Reopens { get; set; }

    /// <summary>Tasks that were made as their job went.</summary>
    public long Made { get; set; }

    /// <summary>Jobs that a task which failed for good ended, with others of it to come.</summary>
    public long FailedAtOnce { get; set; }

    /// <summary>Runs with faults in which no message is lost: only there the promised seconds are asked for.</summary>
    public long LoseNothing { get; set; }

    public void Add(AuditCounts other)
    {
        Jobs += other.Jobs;
        Tasks += other.Tasks;
        Attempts += other.Attempts;
        Starts += other.Starts;
        Results += other.Results;
        Snapshots += other.Snapshots;
        Recoveries += other.Recoveries;
        Restores += other.Restores;
        Reopens += other.Reopens;
        Made += other.Made;
        FailedAtOnce += other.FailedAtOnce;
        LoseNothing += other.LoseNothing;
    }
}
