using System.Buffers.Binary;
using System.Text;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>
/// A node's WebSocket on the wire, to a real Lighthouse: parts split by 0x1E, each <c>u8 FIN, RSV and opcode of RFC 6455 | payload</c>;
/// a first byte of 0xFF sends the rest of a part as it is, without a frame. A session ends with a close that says why, or because the
/// other side is gone.
/// </summary>
internal sealed class WebSocketFrames : IFuzzTarget
{
    private const byte Split = 0x1e;
    private const byte Text = 0x81;
    private const byte Binary = 0x82;
    private const byte Close = 0x88;

    private static readonly byte[] Upgrade = Samples.Text(
        $"GET {Routes.Link} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + $"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer {Edge.NodeToken}\r\n\r\n");

    /// <summary>The peer closed (1000), or what came is no WebSocket frame (1002), no UTF-8 (1007), too big (1009): the number says it.</summary>
    private static readonly int[] OfTheProtocol = [1000, 1002, 1007, 1009];

    private readonly Edge _edge = new();

    public string Name => "websocket";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Join([[Text, .. Samples.Array(Samples.Hello)], .. Samples.FromNode.Skip(1).Where(m => m is not Protocol.Link.Goodbye).Select(m => (byte[])[Text, .. Samples.Array(m)])]),
        Join([Text, .. Samples.Array(Samples.Hello)], [Binary, .. new SegmentFrame(Samples.Job, Samples.Attempt, 0, 1, "hi\n"u8.ToArray()).ToArray()]),
        Join([Text, .. Samples.Array(Samples.Hello)], [Text, .. Samples.Array(new Protocol.Link.Goodbye())], [Close, 3, 232]),
        Join([0x01, .. Samples.Array(Samples.Hello)[..20]], [0x80, .. Samples.Array(Samples.Hello)[20..]], [0x89], [0xff, 0x88, 0x80, 0, 0, 0, 0]),
    ];

    public IReadOnlyList<string> Words => ["hello", "heartbeat", "\u001e", "kind", Samples.Boot, Samples.Job];

    public FuzzBounds Bounds => FuzzBounds.Outside;

    public string Run(ReadOnlySpan<byte> input)
    {
        var wire = new MemoryStream();
        wire.Write(Upgrade);
        for (var left = input; left.Length > 0;)
        {
            var end = left.IndexOf(Split);
            var part = end < 0 ? left : left[..end];
            left = end < 0 ? [] : left[(end + 1)..];
            if (part.Length > 0)
            {
                Write(wire, part);
            }
        }

        var answer = _edge.Send(wire.GetBuffer().AsSpan(0, (int)wire.Length), 1024 * 1024);
        var head = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        if (answer.Length == 0)
        {
            return "cut"; // no frame of a WebSocket: the connection ends before the upgrade was answered
        }

        Promise.That(head > 0 && Encoding.ASCII.GetString(answer, 0, 12) == "HTTP/1.1 101", $"no WebSocket: {Encoding.Latin1.GetString(answer)}");
        return Read(answer.AsSpan(head + 4));
    }

    public void Dispose() => _edge.Dispose();

    private static string Read(ReadOnlySpan<byte> frames)
    {
        var messages = 0;
        while (frames.Length >= 2)
        {
            var (opcode, length, header) = (frames[0] & 15, (int)frames[1], 2);
            if (length == 126)
            {
                (length, header) = (BinaryPrimitives.ReadUInt16BigEndian(frames[2..]), 4);
            }

            var payload = frames.Slice(header, Math.Min(length, frames.Length - header));
            frames = frames[Math.Min(frames.Length, header + length)..];
            if (opcode == 8)
            {
                var reason = payload.Length > 2 ? Encoding.UTF8.GetString(payload[2..]) : "";
                var status = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 0;
                Promise.IsLine(reason, "why a session is closed");
                Promise.That(reason.Length > 0 || OfTheProtocol.Contains(status), $"a close ({status}) that does not say why");
                return $"closed: {(reason.Length > 0 ? reason : $"{(char)('a' + status % 100)}")}";
            }

            messages++;
        }

        return $"gone, heard {(messages > 1 ? "some" : messages == 1 ? "one" : "nothing")}";
    }

    private static void Write(MemoryStream wire, ReadOnlySpan<byte> part)
    {
        if (part[0] == 0xff)
        {
            wire.Write(part[1..]);
            return;
        }

        var payload = part[1..];
        wire.WriteByte(part[0]);
        Span<byte> length = stackalloc byte[8];
        if (payload.Length < 126)
        {
            wire.WriteByte((byte)(0x80 | payload.Length));
        }
        else if (payload.Length < 65536)
        {
            wire.WriteByte(0x80 | 126);
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)payload.Length);
            wire.Write(length[..2]);
        }
        else
        {
            wire.WriteByte(0x80 | 127);
            BinaryPrimitives.WriteUInt64BigEndian(length, (ulong)payload.Length);
            wire.Write(length);
        }

        wire.Write([0, 0, 0, 0]); // masked with nothing
        wire.Write(payload);
    }

    private static byte[] Join(params byte[][] parts) => [.. parts.SelectMany((part, i) => i == 0 ? part : [Split, .. part])];
}
