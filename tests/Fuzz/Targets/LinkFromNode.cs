using System.Net.WebSockets;
using System.Text.Json;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>
/// What a node sends over its link, to the machines: <c>u8 (bit 0 binary, the rest bytes a piece) | a WebSocket message</c>. What
/// passes the Lighthouse's check is told to a job and to a fleet that know the node, and all that they show has to be written.
/// </summary>
internal sealed class LinkFromNode : IFuzzTarget
{
    private const long Connection = 7;

    private readonly FakeSocket _socket = new();
    private readonly InboundCheck _check = new(Samples.Node, Samples.Boot);

    public string Name => "link-from-node";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. Samples.FromNode.Select(message => (byte[])[200, .. Samples.Array(message)]),
        [9, .. new SegmentFrame(Samples.Job, Samples.Attempt, 3, 1, "hello\n"u8.ToArray()).ToArray()],
    ];

    public IReadOnlyList<string> Words =>
        ["hello", "heartbeat", "goodbye", "report", "finished", "attemptsRefused", "attemptsReturned", "assign", "welcome", "kind", "$type", Samples.Node, Samples.Boot, Samples.Job, "l1", "exited", "Exited", "NotStored"];

    /// <summary>Messages that pass go through a job and a fleet that are made anew each time.</summary>
    public FuzzBounds Bounds => FuzzBounds.InMemory with { BytesFixed = 512 * 1024, BytesPerByte = 512 };

    public string Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return "nothing";
        }

        _socket.Give(input[1..], (input[0] & 1) == 1 ? WebSocketMessageType.Binary : WebSocketMessageType.Text, (input[0] >> 1) * 40);
        try
        {
            var inbound = Now(new LinkReader(_socket).ReadAsync(CancellationToken.None));
            return inbound.Segment is { } segment ? Take(segment) : Take(inbound.Messages!);
        }
        catch (FormatException e)
        {
            Promise.IsLine(e.Message, "why a session is closed");
            return "refused: " + e.Message;
        }
    }

    private static string Take(SegmentFrame segment)
    {
        var again = SegmentFrame.Parse(segment.ToArray());
        Promise.That(again.Attempt == segment.Attempt && again.Segment == segment.Segment && again.Bytes.Span.SequenceEqual(segment.Bytes.Span), "a segment is another after a round trip");
        return "segment";
    }

    private string Take(IReadOnlyList<LinkMessage> messages)
    {
        var kinds = "";
        foreach (var message in messages.Take(50))
        {
            kinds = message.GetType().Name;
            if (message is Hello hello)
            {
                InboundCheck.Check(hello);
                TellFleet(new NodeConnected("new", "new", "raj", hello.BootId, 8, hello.Offer, hello.Usage, hello.Held));
            }
            else if (_check.Read(message, Connection) is { } envelope)
            {
                if (envelope.To.Kind == AddressKind.Fleet)
                {
                    TellFleet(envelope.Message);
                }
                else
                {
                    kinds += TellJob(envelope.Message);
                }
            }
        }

        return "taken: " + kinds;
    }

    private static string TellJob(Message message)
    {
        var job = new Loop<JobSupervisor, JobEvent>(Address.Job(Samples.Job));
        job.Deliver(new SubmitJob(Samples.Spec, Address.None), Samples.Now);
        job.Deliver(new LeaseGranted(Samples.Lease), Samples.Now);
        var known = job.Sequence;
        job.Take();
        job.Deliver(message is TaskFinished finished ? finished with { Inline = null } : message, Samples.Now);
        foreach (var e in job.Take().Durable)
        {
            _ = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(e, JobJson.Default.JobEvent), JobJson.Default.JobEvent);
        }

        _ = JsonSerializer.SerializeToUtf8Bytes(job.Machine.View(), ProtocolJson.Default.JobView);
        for (var task = 0; task < Samples.Spec.TaskCount; task++)
        {
            _ = job.Machine.Unfinished(task);
        }

        return job.Sequence > known ? ", told" : ", ignored";
    }

    private static void TellFleet(Message message)
    {
        var fleet = new Loop<FleetMachine, FleetEvent>(Address.Fleet);
        fleet.Deliver(new FleetStarted(1), Samples.Now);
        fleet.Deliver(new NodeConnected(Samples.Node, Samples.Node, "raj", Samples.Boot, Connection, Samples.Offer, Samples.Usage, []), Samples.Now);
        var demand = new Demand(Samples.Job, "raj", 1, new ResourceRequest(1, 1L << 30), null, ["python3"], ["python:numpy"], 100, []);
        var lent = new LentLeases();
        lent.Offered(Samples.Node, Samples.Offer);
        fleet.Deliver(demand, Samples.Now);
        lent.Sent(fleet.Take().Outbox);
        if (message is NodeConnected connected)
        {
            lent.Offered(connected.NodeId, connected.Offer);
        }
        else if (message is NodeHeartbeat { Offer: { } offer } heartbeat)
        {
            lent.Offered(heartbeat.NodeId, offer);
        }

        fleet.Deliver(message, Samples.Now);
        lent.Sent(fleet.Take().Outbox);
        fleet.Deliver(demand with { JobId = "j2", Order = 2 }, Samples.Now);
        lent.Sent(fleet.Take().Outbox);

        var nodes = fleet.Machine.Nodes();
        foreach (var node in nodes)
        {
            Promise.That(node.CoresFree <= node.Cores && node.MemoryFreeBytes >= 0, $"{node.CoresFree} of {node.Cores} cores are free, {node.MemoryFreeBytes} bytes");
        }

        _ = JsonSerializer.SerializeToUtf8Bytes([.. nodes], ProtocolJson.Default.ListNodeView);
    }

    private static T Now<T>(Task<T> task)
    {
        Promise.That(task.IsCompleted, "the reader waits for more after the end of a message");
        return task.GetAwaiter().GetResult();
    }
}
