using System.Text;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>One small pool in words: node mike runs job j1 of raj.</summary>
internal static class Samples
{
    public const string Job = "j1";
    public const string Node = "mike";
    public const string Boot = "b1";
    public const string Digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    public static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly Resources OneCore = new(1, 1L << 30, 0);
    public static readonly Resources EightCores = new(8, 8L << 30, 1);

    public static NodeOffer Offer { get; } = new(
        EightCores, new Dictionary<string, string> { ["os"] = "linux", ["python3"] = "3.11.2", ["python:numpy"] = "1.24.2" }, "bubblewrap", "A CPU", ["A GPU"]);

    public static NodeUsage Usage { get; } = new(0.1, 0.2, 4L << 30, 100L << 30, false);

    public static HeldLease Held { get; } = new("l1", Job, 1, OneCore);

    public static Hello Hello { get; } = new(ProtocolVersion.Current, "0.1.0", Boot, Offer, Usage, [Held]);

    public static TaskTemplate Template { get; } = new(
        ["python3", "train.py", "--epochs", "10"], Digest, new Dictionary<string, string> { ["LR"] = "0.1" }, ["**/*.pt"], 60);

    public static JobSpec Spec { get; } = new("train", "raj", "train.py", 5, new ResourceRequest(1, 1L << 30), null, ["python3"], ["python:numpy"], 1, Template, null);

    public static Lease Lease { get; } = new("l1", 1, Job, Node, Node, Boot, 7, 4, OneCore);

    public static AttemptRef Attempt { get; } = new(0, 1);

    public static Outcome Outcome { get; } = new(EndCause.Exited, 0, null, 12.5, 10, 1 << 20);

    /// <summary>What a node says, one of each kind.</summary>
    public static IReadOnlyList<LinkMessage> FromNode { get; } =
    [
        Hello,
        new Heartbeat(Offer, Usage, [Held]),
        new Heartbeat(null, Usage, []),
        new Goodbye(),
        new LinkReport(new WorkerReport(Job, Node, Boot, 7, [Attempt, new(1, 1), new(2, 1)])),
        new LinkFinished(new TaskFinished(Job, Attempt, Node, Boot, Outcome, new Produced(1, 5, Digest)) { Inline = new InlineOutput([new InlineSegment(1, [104, 105, 10])]) }),
        new LinkFinished(new TaskFinished(Job, new(1, 1), Node, Boot, Outcome with { Cause = EndCause.Signalled, ExitCode = 137, Detail = "killed" }, Produced.Nothing)),
        new LinkRefusedAttempts(new AttemptsRefused(Job, Node, Boot, [new(2, 1)], "no room")),
        new LinkReturned(new AttemptsReturned(Job, Node, Boot, [new(3, 1)])),
    ];

    /// <summary>What a Lighthouse says, one of each kind.</summary>
    public static IReadOnlyList<LinkMessage> FromLighthouse { get; } =
    [
        new Welcome(ProtocolVersion.Current, "0.1.0", "pool1", Node, 7),
        new Refused("upgrade akc on the node"),
        new LinkAssign(new Assign(Lease, Template, null, 5, [new(0, 2, 1), new(3, 1, 2)])),
        new LinkAssign(new Assign(Lease with { Id = "l2" }, null, Digest, 5, [new(4, 1, 1)])),
        new LinkClaim(new ClaimAttempts(Job, [Attempt])),
        new LinkStop(new StopAttempts(Job, [Attempt], "superseded")),
        new LinkAck(new ResultAck(Job, [Attempt])),
        new SegmentsAcked(Job, Attempt, 3),
        new OutputRefused(Job, Attempt, EndCause.OutputLimit, "more than 10 GiB"),
    ];

    public static byte[] Array(LinkMessage message) => JsonSerializer.SerializeToUtf8Bytes([message], ProtocolJson.Default.ListLinkMessage);

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
