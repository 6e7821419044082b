namespace AkkaCompute.Simulation.Faults;

/// <summary>How often each kind may strike: of a seed one of the rates, or a count up to the most.</summary>
internal static class FaultKinds
{
    public static readonly IReadOnlyList<FaultKind> All = Enum.GetValues<FaultKind>();

    public static IReadOnlyList<FaultKind> Except(IReadOnlyList<FaultKind> kinds) => [.. All.Where(k => !kinds.Contains(k))];

    /// <summary>Share of the messages, appends or tasks that it strikes; null for kinds that strike at moments.</summary>
    public static double[]? Rates(FaultKind kind) => kind switch
    {
        FaultKind.MessageDropped => [0, 0, 0.001, 0.01, 0.05],
        FaultKind.MessageDuplicated => [0, 0, 0.001, 0.01, 0.1],
        FaultKind.MessageReordered => [0, 0, 0.01, 0.2],
        FaultKind.LocalDropped => [0, 0, 0.001, 0.02],
        FaultKind.LocalDuplicated => [0, 0, 0.001, 0.02],
        FaultKind.LocalReordered => [0, 0, 0.01, 0.2],
        FaultKind.LighthouseCrashAtAppend => [0, 0, 0, 0.0005, 0.005],
        FaultKind.AppendFailed => [0, 0, 0.002, 0.02],
        FaultKind.TaskFailed => [0, 0, 0.02, 0.2],
        FaultKind.TaskHangs => [0, 0, 0, 0.002, 0.02],
        FaultKind.TaskPoisons => [0, 0, 0, 0, 0.05],
        _ => null,
    };

    /// <summary>Of the kinds that strike at moments: how often in one seed, in a pool of that many nodes.</summary>
    public static int Most(FaultKind kind, int nodes) => kind switch
    {
        FaultKind.LighthouseCrash => 4,
        FaultKind.LighthousePaused => 2,
        FaultKind.LighthouseClockJump => 3,
        FaultKind.JournalFull => 2,
        FaultKind.StoreFull => 2,
        FaultKind.NodeCrash => nodes / 2,
        FaultKind.NodePowerLoss => nodes / 5,
        FaultKind.LinkClosed => nodes,
        FaultKind.LinkSilent => nodes / 2,
        FaultKind.LinkSilentUp => nodes / 4,
        FaultKind.LinkSilentDown => nodes / 4,
        FaultKind.Partition => 3,
        FaultKind.NodeAsleep => nodes / 8,
        FaultKind.NodeClockJump => nodes / 4,
        FaultKind.NodeDrained => nodes / 8,
        FaultKind.LendChanged => nodes / 2,
        FaultKind.NodeDiskFull => nodes / 8,
        FaultKind.NodeRefuses => nodes / 8,
        FaultKind.NodeStalls => nodes / 8,
        FaultKind.NodeLies => nodes / 8,
        _ => 0,
    };

    /// <summary>Kinds after which a message that was sent may be nowhere, or too late for what it said, though its connection stands.</summary>
    public static bool LosesMessages(FaultKind kind) =>
        kind is FaultKind.MessageDropped or FaultKind.LocalDropped or FaultKind.LocalReordered or FaultKind.AppendFailed or FaultKind.JournalFull;
}
