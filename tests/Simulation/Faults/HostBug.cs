namespace AkkaCompute.Simulation.Faults;

/// <summary>
/// Mistakes that a host of the machines could make. Planted in the simulator's own host, to show that the auditor
/// finds them: an auditor that finds nothing proves nothing.
/// </summary>
internal enum HostBug
{
    None,

    /// <summary>The outbox is released when it is decided, not when its events are on disk.</summary>
    SendsBeforeAppend,

    /// <summary>Replies to clients alone are released before their events are on disk.</summary>
    AcknowledgesBeforeAppend,

    /// <summary>A failed append is ignored: the machine goes on with events that no journal has.</summary>
    IgnoresFailedAppend,

    /// <summary>The disk answers before it wrote: a crash takes the last appends of each journal with it.</summary>
    LosesTailOfJournal,

    /// <summary>An assignment that comes twice starts the process twice.</summary>
    RunsAttemptTwice,

    /// <summary>An attempt that was killed is reported as one that ended well.</summary>
    ReportsKilledAsSucceeded,

    /// <summary>A killed attempt's end is never told, so its slot stays taken.</summary>
    LosesEndOfKilled,

    /// <summary>A cancel of a job that is over finds nobody and gets no reply.</summary>
    IgnoresLateCancel,
}
