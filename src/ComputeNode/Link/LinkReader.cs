using System.Net.WebSockets;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.ComputeNode.Link;

/// <summary>Reads a session's text messages, each a JSON array, into one buffer that it keeps small between large ones.</summary>
internal sealed class LinkReader(WebSocket socket)
{
    private const int BufferBytesMin = 16 * 1024;

    /// <summary>A buffer that one large message grew beyond this is given back.</summary>
    private const int BufferBytesKept = 256 * 1024;

    private byte[] buffer = new byte[BufferBytesMin];

    /// <returns>Null when the other side closed.</returns>
    /// <exception cref="FormatException">Not what a Lighthouse of this protocol sends.</exception>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async Task<List<LinkMessage>?> ReadAsync(CancellationToken cancel)
    {
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length >= LinkTimes.TextBytesMax)
                {
                    throw new FormatException($"a message of more than {LinkTimes.TextBytesMax} bytes");
                }

                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, LinkTimes.TextBytesMax));
            }

            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (read.MessageType == WebSocketMessageType.Binary)
            {
                throw new FormatException("a binary message");
            }

            length += read.Count;
            if (read.EndOfMessage)
            {
                return Parse(length);
            }
        }
    }

    private List<LinkMessage> Parse(int length)
    {
        try
        {
            var messages = JsonSerializer.Deserialize(buffer.AsSpan(0, length), ProtocolJson.Default.ListLinkMessage);
            if (messages is null || messages.Contains(null!))
            {
                throw new FormatException("a message that is not an array of messages");
            }

            foreach (var message in messages)
            {
                LinkInbound.Check(message);
            }

            return messages;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new FormatException("a message that can't be read: " + LinkFailure.Printable(e.Message), e);
        }
        finally
        {
            if (buffer.Length > BufferBytesKept)
            {
                buffer = new byte[BufferBytesMin];
            }
        }
    }
}
