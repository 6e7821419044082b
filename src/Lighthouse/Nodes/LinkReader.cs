using System.Net.WebSockets;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>One message of a node: a segment, or an array of link messages; neither when the node closed.</summary>
internal readonly record struct Inbound(SegmentFrame? Segment, IReadOnlyList<LinkMessage>? Messages);

/// <summary>Reads a session's messages into one buffer that stays small while the node is idle.</summary>
internal sealed class LinkReader(WebSocket socket)
{
    private const int BufferBytesMin = 4 * 1024;

    /// <summary>A buffer that a large batch grew beyond this is given back; segments fit.</summary>
    private const int BufferBytesKept = 128 * 1024;

    /// <summary>Of what the parser says, which quotes the text.</summary>
    private const int ReasonLengthMax = 200;

    private const int FrameBytesMax = SegmentFrame.BytesMax + 16 + Ids.LengthMax;

    private byte[] _buffer = new byte[BufferBytesMin];

    /// <exception cref="FormatException">Not what a node of this protocol sends.</exception>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async Task<Inbound> ReadAsync(CancellationToken cancel)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(_buffer.AsMemory(length), cancel);
            length += read.Count;
            if (read.MessageType == WebSocketMessageType.Close)
            {
                return default;
            }

            if (read.EndOfMessage)
            {
                // A segment waits for the disk; the buffer is needed for the next one.
                return read.MessageType == WebSocketMessageType.Binary
                    ? new Inbound(SegmentFrame.Parse(_buffer.AsSpan(0, length).ToArray()), null)
                    : new Inbound(null, ParseText(length));
            }

            var lengthMax = read.MessageType == WebSocketMessageType.Binary ? FrameBytesMax : LinkTimes.TextBytesMax;
            if (length >= lengthMax)
            {
                throw new FormatException($"a message of more than {lengthMax} bytes");
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, LinkTimes.TextBytesMax));
            }
        }
    }

    private List<LinkMessage> ParseText(int length)
    {
        try
        {
            var messages = JsonSerializer.Deserialize(_buffer.AsSpan(0, length), ProtocolJson.Default.ListLinkMessage);
            return messages is not null && !messages.Contains(null!) ? messages : throw new FormatException("a text that is no array of messages");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new FormatException("a text that can't be read: " + Printable.Line(e.Message, ReasonLengthMax), e);
        }
        finally
        {
            if (_buffer.Length > BufferBytesKept)
            {
                _buffer = new byte[BufferBytesMin];
            }
        }
    }
}
