namespace AkkaCompute.Simulation.Mutants;

/// <summary>
/// Mistakes that a host or a machine could make. Planted in the simulator's own host or around a machine, to show that
/// the auditor finds them: an auditor that finds nothing proves nothing.
/// </summary>
internal enum PlantedBug
{
    None,

    // In the host.

    /// <summary>The outbox is released when it is decided, not when its events are on disk.</summary>
    SendsBeforeAppend,

    /// <summary>Replies to clients alone are released before their events are on disk.</summary>
    AcknowledgesBeforeAppend,

    /// <summary>A failed append is ignored: the machine goes on with events that no journal has.</summary>
    IgnoresFailedAppend,

    /// <summary>The disk answers before it wrote: a crash takes the last appends of each journal with it.</summary>
    LosesTailOfJournal,

    /// <summary>The journal takes the appends of a Lighthouse that was replaced, if their sequence number fits.</summary>
    IgnoresGeneration,

    /// <summary>A snapshot has what was decided until its append was written, and not only what its append has.</summary>
    SnapshotsAheadOfAppend,

    /// <summary>A snapshot goes to the disk when it is taken, apart from the append that it belongs to.</summary>
    SnapshotsBeforeAppend,

    /// <summary>A snapshot stands under the number with which its append begins: what it has is applied once more.</summary>
    SnapshotsUnderFirstSequence,

    /// <summary>The first event after a snapshot is not read.</summary>
    SkipsEventAfterSnapshot,

    /// <summary>An assignment that comes twice starts the process twice.</summary>
    RunsAttemptTwice,

    /// <summary>An attempt that was killed is reported as one that ended well.</summary>
    ReportsKilledAsSucceeded,

    /// <summary>A killed attempt's end is never told, so its slot stays taken.</summary>
    LosesEndOfKilled,

    /// <summary>A cancel of a job that is over finds nobody and gets no reply.</summary>
    IgnoresLateCancel,

    // Around a supervisor.

    /// <summary>A result counts for whichever attempt of the task runs now.</summary>
    IgnoresAttemptNumber,

    /// <summary>The Fleet is asked once and never again.</summary>
    ForgetsToAskAgain,

    /// <summary>What ran on a lease that ended is neither written down as lost nor replaced.</summary>
    LosesAttemptsLost,

    /// <summary>After a restart what ran before is replaced at once.</summary>
    RecoversWithoutWaiting,

    /// <summary>Attempts that a node will not run count as done.</summary>
    CountsRefusedAsFinished,

    /// <summary>A lease goes back to the Fleet when the first of its tasks ends, and again when the last does.</summary>
    ReleasesLeaseTwice,

    /// <summary>A result is acknowledged and not written down.</summary>
    AcknowledgesLateResults,

    // Around a Worker.

    /// <summary>Assignments of an earlier Fleet are taken on.</summary>
    IgnoresEpoch,

    /// <summary>More attempts of a lease run at once than it has slots.</summary>
    IgnoresSlots,

    /// <summary>A result is told once, whether it arrives or not.</summary>
    TellsResultOnce,

    // Around the Fleet.

    /// <summary>Supervisors are not told that a lease ended.</summary>
    KeepsEndsOfLeases,

    /// <summary>A node's capacity is counted twice.</summary>
    CountsCapacityTwice,

    /// <summary>The end of a connection that was replaced ends the one that replaced it.</summary>
    TakesWordOfStaleSessions,
}
