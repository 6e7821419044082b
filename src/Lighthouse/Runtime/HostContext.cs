using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Time;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>What the machines' mailboxes share.</summary>
/// <param name="Time">A <see cref="SteadyTime"/>: deadlines are compared with it, whatever is done to the system's clock.</param>
/// <param name="Send">Routes by address; never blocks, never throws, may lose.</param>
internal sealed record HostContext(TimeProvider Time, IJournal Journal, CommitWriter Writer, Action<Envelope> Send, ILogger Log);

internal static partial class RuntimeLog
{
    [LoggerMessage(1001, LogLevel.Error, "{Machine} failed on a {Kind} and is replayed from the journal: a bug. Please report it.")]
    public static partial void MachineFailed(ILogger log, Exception e, Address machine, string kind);

    [LoggerMessage(1002, LogLevel.Error, "{Machine} cannot be read from the journal; it is tried again within a minute. If it stays so, restore a backup.")]
    public static partial void LoadFailed(ILogger log, Exception e, Address machine);

    [LoggerMessage(1003, LogLevel.Warning, "A result of {Machine} from node {Node} had inline output out of its limits and was dropped: upgrade akc on that node.")]
    public static partial void InlineRefused(ILogger log, Address machine, string node);

    [LoggerMessage(1004, LogLevel.Warning, "A {Kind} to {Receiver} has nobody to take it and was dropped: a bug. Please report it.")]
    public static partial void Unroutable(ILogger log, string kind, Address receiver);

    [LoggerMessage(1005, LogLevel.Information, "The pool is open (opening {Opening}): {Jobs} jobs go on.")]
    public static partial void Opened(ILogger log, int jobs, long opening);

    [LoggerMessage(1006, LogLevel.Error, "{Conflict}. It is replayed; if this repeats, two Lighthouses write into one journal: stop one.")]
    public static partial void Conflict(ILogger log, string conflict);

    [LoggerMessage(1007, LogLevel.Error, "The watch over the journal failed and goes on: a bug. Please report it.")]
    public static partial void WatchFailed(ILogger log, Exception e);

    [LoggerMessage(1008, LogLevel.Warning, "{Machine} cannot be read just now: {Reason}.")]
    public static partial void LoadPostponed(ILogger log, Address machine, string reason);

    [LoggerMessage(1009, LogLevel.Error, "The snapshot of {Machine} cannot be used and all of its events are replayed: a bug. Please report it.")]
    public static partial void SnapshotUnusable(ILogger log, Exception e, Address machine);
}
