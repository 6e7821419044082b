using System.Net.WebSockets;
using System.Text.Json;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.ComputeNode.Work.Machine;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>
/// What a Lighthouse sends over the link, to the Worker: <c>u8 (bit 0 binary, bit 1 a template, else a message; the rest bytes a
/// piece) | JSON</c>. Whatever it says, a node never starts more than its owner lends.
/// </summary>
internal sealed class LinkFromLighthouse : IFuzzTarget
{
    private readonly FakeSocket _socket = new();

    public string Name => "link-from-lighthouse";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. Samples.FromLighthouse.Select(message => (byte[])[200, .. Samples.Array(message)]),
        JsonSerializer.SerializeToUtf8Bytes(Samples.FromLighthouse.ToList(), ProtocolJson.Default.ListLinkMessage) is var all ? [200, .. all] : [],
        [2, .. JsonSerializer.SerializeToUtf8Bytes(Samples.Template, ProtocolJson.Default.TaskTemplate)],
    ];

    public IReadOnlyList<string> Words =>
        ["assign", "claim", "stop", "ack", "segmentsAcked", "outputRefused", "welcome", "refused", "hello", "kind", "$type", Samples.Node, Samples.Boot, Samples.Job, "l1", "l2", Samples.Digest, "OutputLimit"];

    public FuzzBounds Bounds => FuzzBounds.InMemory with { BytesFixed = 1024 * 1024, BytesPerByte = 512 };

    public string Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return "nothing";
        }

        try
        {
            return (input[0] & 2) == 2 ? Template(input[1..]) : Messages(input);
        }
        catch (FormatException e)
        {
            Promise.IsLine(e.Message, "why the link broke");
            return "refused: " + e.Message;
        }
    }

    private static string Template(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ProtocolJson.Default.TaskTemplate) is { } read && LinkInbound.IsSound(read) ? "template" : "an unsound template";
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return "no template";
        }
    }

    private string Messages(ReadOnlySpan<byte> input)
    {
        _socket.Give(input[1..], (input[0] & 1) == 1 ? WebSocketMessageType.Binary : WebSocketMessageType.Text, (input[0] >> 2) * 80);
        var reading = new LinkReader(_socket).ReadAsync(CancellationToken.None);
        Promise.That(reading.IsCompleted, "the reader waits for more after the end of a message");
        var messages = reading.GetAwaiter().GetResult();
        if (messages is null)
        {
            return "closed";
        }

        var worker = new Loop<Worker, WorkerEvent>(Address.Node(Samples.Node));
        worker.Deliver(new WorkerStarted(Samples.Node, Samples.Boot, Samples.EightCores), Samples.Now);
        worker.Deliver(new LinkUp(7), Samples.Now);
        worker.Deliver(new Assign(Samples.Lease, Samples.Template, null, 5, [new TaskRange(0, 1, 1)]), Samples.Now);
        var running = worker.Take().Outbox.Count(e => e.Message is StartAttempt);
        var kinds = "";
        foreach (var message in messages.Take(20))
        {
            kinds = message.GetType().Name;
            if (Inner(message) is { } inner)
            {
                worker.Deliver(inner, Samples.Now);
            }
        }

        var started = Samples.OneCore.Times(running);
        foreach (var (_, sent) in worker.Take().Outbox)
        {
            if (sent is StartAttempt start)
            {
                started = started.Plus(start.PerTask);
                running++;
            }
        }

        Promise.That(started.FitsIn(Samples.EightCores) && started is { Cores: >= 0, MemoryBytes: >= 0, Gpus: >= 0 }, $"{started} run where {Samples.EightCores} are lent");
        _ = worker.Machine.Held();
        return $"taken: {kinds}, {(running > 1 ? "started" : "nothing started")}";
    }

    private static Message? Inner(LinkMessage message) => message switch
    {
        LinkAssign m => m.Message,
        LinkClaim m => m.Message,
        LinkStop m => m.Message,
        LinkAck m => m.Message,
        _ => null,
    };
}
