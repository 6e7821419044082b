using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>
/// What a node says is checked before a machine hears it: JSON leaves a missing field null whatever the type says, and a node
/// speaks for itself alone.
/// </summary>
/// <param name="bootId">Of the session's hello.</param>
internal sealed class InboundCheck(string nodeId, string bootId)
{
    public const int AttemptsMax = 100_000;
    public const int LeasesMax = 10_000;
    public const int LabelsMax = 10_000;
    public const int LabelLengthMax = 200;

    /// <summary>The one line of an outcome.</summary>
    public const int DetailLengthMax = 1000;

    /// <exception cref="FormatException">The node broke the protocol: the session ends.</exception>
    public static void Check(Hello hello)
    {
        Require(Ids.IsValid(hello.BootId), "a hello without the id of its process");
        Require(IsSound(hello.Offer), "an offer that is out of its limits");
        Require(IsSound(hello.Usage) && AreSound(hello.Held), "a usage or leases out of their limits");
    }

    /// <summary>Whom a message is for, as the machine hears it; null for a goodbye.</summary>
    /// <param name="connection">The session's number.</param>
    /// <exception cref="FormatException">The node broke the protocol: the session ends.</exception>
    public Envelope? Read(LinkMessage message, long connection)
    {
        switch (message)
        {
            case Heartbeat beat:
                Check(beat);
                return new Envelope(Address.Fleet, new NodeHeartbeat(nodeId, bootId, connection, beat.Offer, beat.Usage, beat.Held));
            case LinkFinished finished:
                return ToJob(Check(finished.Message), finished.Message.JobId);
            case LinkReport report:
                return ToJob(Check(report.Message, connection), report.Message.JobId);
            case LinkRefusedAttempts refused:
                return ToJob(Check(refused.Message), refused.Message.JobId);
            case LinkReturned returned:
                return ToJob(Check(returned.Message), returned.Message.JobId);
            case Goodbye:
                return null;
            default:
                throw new FormatException($"a {message.GetType().Name}, which no node says here");
        }
    }

    /// <exception cref="FormatException">The node broke the protocol: the session ends.</exception>
    public void Check(Heartbeat heartbeat)
    {
        Require(heartbeat.Offer is null || IsSound(heartbeat.Offer), "an offer that is out of its limits");
        Require(IsSound(heartbeat.Usage) && AreSound(heartbeat.Held), "a usage or leases out of their limits");
    }

    /// <exception cref="FormatException">The node broke the protocol: the session ends.</exception>
    public WorkerReport Check(WorkerReport? report, long connection)
    {
        Require(report is not null && IsOwn(report.JobId, report.NodeId, report.BootId) && AreSound(report.Attempts), "a report that is not its own or can't be read");
        return report! with { Connection = Math.Min(report.Connection, connection) };
    }

    /// <exception cref="FormatException">The node broke the protocol: the session ends.</exception>
    public AttemptsRefused Check(AttemptsRefused? refused)
    {
        Require(refused is not null && IsOwn(refused.JobId, refused.NodeId, refused.BootId) && AreSound(refused.Attempts), "a refusal that is not its own or can't be read");
        return refused! with { Reason = OneLine(refused.Reason) ?? "" };
    }

    /// <exception cref="FormatException">The node broke the protocol: the session ends.</exception>
    public AttemptsReturned Check(AttemptsReturned? returned)
    {
        Require(returned is not null && IsOwn(returned.JobId, returned.NodeId, returned.BootId) && AreSound(returned.Attempts), "a return that is not its own or can't be read");
        return returned!;
    }

    /// <exception cref="FormatException">The node broke the protocol: the session ends.</exception>
    public TaskFinished Check(TaskFinished? finished)
    {
        Require(finished is not null && IsOwn(finished.JobId, finished.NodeId, finished.BootId) && IsSound(finished.Attempt), "a result that is not its own");
        Require(
            finished!.Outcome is { WallMs: >= 0 and < double.PositiveInfinity, CpuMs: >= 0 and < double.PositiveInfinity, MemoryBytesMax: >= 0 } outcome
            && Enum.IsDefined(outcome.Cause), "a result without a sound outcome");
        Require(
            finished.Produced is { Segments: >= 0, OutputBytes: >= 0 } produced && (produced.ResultsDigest is null || Digest.IsValid(produced.ResultsDigest)),
            "a result whose output can't be read");
        Require(finished.Inline is null || InlineBytes.IsValid(finished.Inline), "a result with more inline output than there may be");
        return finished with { Outcome = finished.Outcome with { Detail = OneLine(finished.Outcome.Detail) } };
    }

    private static Envelope ToJob(Message message, string jobId) => new(Address.Job(jobId), message);

    public static bool IsSound(NodeOffer? offer) =>
        offer is { Labels: not null, GpuNames: not null } && Resources.AreSound(offer.Capacity)
        && IsLine(offer.Sandbox)
        && (offer.CpuModel is null || IsLine(offer.CpuModel))
        && offer.GpuNames.Count <= Resources.GpusMax && offer.GpuNames.All(IsLine)
        && offer.Labels.Count <= LabelsMax && offer.Labels.All(label => IsLine(label.Key) && IsLine(label.Value));

    private static bool IsSound(NodeUsage? usage) =>
        usage is { CpuOthers: >= 0 and < double.PositiveInfinity, CpuTotal: >= 0 and < double.PositiveInfinity, MemoryFreeBytes: >= 0, DiskFreeBytes: >= 0 };

    private static bool AreSound(IReadOnlyList<HeldLease>? held) =>
        held is not null && held.Count <= LeasesMax
        && held.All(lease => lease is not null && Resources.AreSound(lease.InUse) && Ids.IsValid(lease.LeaseId) && Ids.IsValid(lease.JobId));

    private static bool AreSound(IReadOnlyList<AttemptRef>? attempts) =>
        attempts is not null && attempts.Count <= AttemptsMax && attempts.All(IsSound);

    private static bool IsSound(AttemptRef attempt) => attempt is { Task: >= 0 and < JobSpec.TaskCountMax, Attempt: > 0 };

    private static bool IsLine(string? text) => text is { Length: <= LabelLengthMax } && !text.Any(Printable.IsSteering);

    private static string? OneLine(string? text) =>
        text is null ? null : Printable.Line(text, DetailLengthMax);

    private bool IsOwn(string? job, string? node, string? boot) => Ids.IsValid(job) && node == nodeId && boot == bootId;

    private static void Require(bool holds, string broken)
    {
        if (!holds)
        {
            throw new FormatException(broken);
        }
    }
}
