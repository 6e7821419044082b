using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.ComputeNode.Link;

/// <summary>Writes a session's messages. One caller at a time.</summary>
internal sealed class LinkWriter(WebSocket socket)
{
    /// <summary>An array that has reached this ends, so that with its last message it stays below <see cref="LinkTimes.TextBytesMax"/>.</summary>
    private const int ArrayBytesMax = 1024 * 1024;

    /// <summary>A buffer that a batch of results grew beyond this is given back.</summary>
    private const int BufferBytesKept = 256 * 1024;

    private ArrayBufferWriter<byte> buffer = new(4096);

    public async Task WriteAsync(IReadOnlyList<LinkMessage> messages, CancellationToken cancel)
    {
        for (var i = 0; i < messages.Count;)
        {
            i = Format(messages, i);
            await socket.SendAsync(buffer.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, cancel);
            if (buffer.Capacity > BufferBytesKept)
            {
                buffer = new ArrayBufferWriter<byte>(4096);
            }

            buffer.ResetWrittenCount();
        }
    }

    public ValueTask WriteSegmentAsync(byte[] frame, CancellationToken cancel) =>
        socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, cancel);

    /// <summary>Formats from <paramref name="first"/> on; returns the first message that is left for the next array.</summary>
    private int Format(IReadOnlyList<LinkMessage> messages, int first)
    {
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartArray();
        var i = first;
        for (; i < messages.Count && json.BytesCommitted + json.BytesPending < ArrayBytesMax; i++)
        {
            JsonSerializer.Serialize(json, messages[i], ProtocolJson.Default.LinkMessage);
        }

        json.WriteEndArray();
        return i;
    }
}
