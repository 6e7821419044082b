using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>Writes messages as JSON arrays. One caller at a time.</summary>
internal sealed class LinkWriter(WebSocket socket)
{
    /// <summary>An array that has reached this ends, so that with its last message it stays below <see cref="LinkTimes.TextBytesMax"/>.</summary>
    private const int ArrayBytesMax = 1024 * 1024;

    /// <summary>A buffer that a large batch grew beyond this is given back: there may be thousands of sessions.</summary>
    private const int BufferBytesKept = 64 * 1024;

    private const int BufferBytesMin = 1024;

    private ArrayBufferWriter<byte> _buffer = new(BufferBytesMin);

    public async Task WriteAsync(IReadOnlyList<LinkMessage> messages, CancellationToken cancel)
    {
        for (var i = 0; i < messages.Count;)
        {
            i = Format(messages, i);
            await socket.SendAsync(_buffer.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, cancel);
            _buffer.ResetWrittenCount();
            if (_buffer.Capacity > BufferBytesKept)
            {
                _buffer = new ArrayBufferWriter<byte>(BufferBytesMin);
            }
        }
    }

    /// <summary>Formats from <paramref name="first"/> on; returns the first message that is left for the next array.</summary>
    private int Format(IReadOnlyList<LinkMessage> messages, int first)
    {
        using var json = new Utf8JsonWriter(_buffer);
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
