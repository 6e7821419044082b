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

    /// <summary>Nodes are told to stop attempts before it is on disk why.</summary>
    StopsBeforeAppend,

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

    /// <summary>A process is started most of a minute after it was asked for, whatever was said meanwhile.</summary>
    StartsLate,

    /// <summary>A process never ends.</summary>
    NeverExits,

    /// <summary>A node's process goes on with what the one before it began last.</summary>
    GoesOnAfterRestart,

    /// <summary>A process that ends while it is being killed ends twice.</summary>
    EndsTwice,

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

    /// <summary>The result of a job's first task is acknowledged and not written down.</summary>
    AcknowledgesUnwritten,

    /// <summary>A second submit of a job is written down as well.</summary>
    SubmitsAgain,

    /// <summary>A cancel is answered and not written down.</summary>
    ForgetsCancel,

    /// <summary>A job that is to run after another takes that one's word that it goes on for its end.</summary>
    BeginsTooSoon,

    /// <summary>A retry is answered, and nothing of it is written.</summary>
    ForgetsRetry,

    /// <summary>A job that is over is cancelled.</summary>
    CancelsWhatIsOver,

    /// <summary>Some assignments are written down and never sent.</summary>
    LosesAssignments,

    /// <summary>A replacement has the number of the attempt that it replaces.</summary>
    RepeatsAttemptNumbers,

    /// <summary>What is lost is the attempt after the one that was.</summary>
    LosesNextAttempt,

    /// <summary>The loss of a node counts nine times.</summary>
    GivesUpTooSoon,

    /// <summary>Results stand under another node's name.</summary>
    NamesAnotherNode,

    /// <summary>A task has its result twice.</summary>
    CommitsTwice,

    /// <summary>A task that succeeded is tried again.</summary>
    RetriesSuccess,

    /// <summary>A task is tried again however often it has failed.</summary>
    RetriesForEver,

    /// <summary>A task is not tried again.</summary>
    RetriesNever,

    /// <summary>A job ends with the first result of its tasks.</summary>
    EndsWithFirstResult,

    /// <summary>A job succeeds though tasks of it failed.</summary>
    SucceedsAnyway,

    /// <summary>How many of its tasks may run at once is not kept.</summary>
    ForgetsMax,

    /// <summary>It goes on when a task has failed for good, whether it is to or not.</summary>
    GoesOnAnyway,

    /// <summary>The end of a lease makes it throw.</summary>
    ThrowsAtLeaseEnd,

    /// <summary>Its deadline has always passed.</summary>
    TicksForEver,

    // Around a Worker.

    /// <summary>Assignments of an earlier Fleet are taken on.</summary>
    IgnoresEpoch,

    /// <summary>More attempts of a lease run at once than it has slots.</summary>
    IgnoresSlots,

    /// <summary>The owner's wish to lend less is not heard.</summary>
    IgnoresOwner,

    /// <summary>What was superseded, or is over, goes on.</summary>
    IgnoresStops,

    /// <summary>A result is told once, whether it arrives or not.</summary>
    TellsResultOnce,

    // Around the Fleet.

    /// <summary>Supervisors are not told that a lease ended.</summary>
    KeepsEndsOfLeases,

    /// <summary>A node may be silent for 12 s.</summary>
    WaitsForSilence,

    /// <summary>Only nodes of which nothing is lent get something.</summary>
    LendsWholeNodesOnly,

    /// <summary>A node's capacity is counted twice.</summary>
    CountsCapacityTwice,

    /// <summary>The end of a connection that was replaced ends the one that replaced it.</summary>
    TakesWordOfStaleSessions,
}
