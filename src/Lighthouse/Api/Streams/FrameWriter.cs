using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>
/// Frames of one response. What is written goes out by itself when there is much of it, and at <see cref="FlushAsync"/>;
/// a client that reads slowly makes both wait, so nothing piles up here.
/// </summary>
internal sealed class FrameWriter(PipeWriter pipe, CancellationToken cancel)
{
    /// <summary>Half of what Kestrel holds before it makes the writer wait.</summary>
    private const int UnflushedBytesMax = 32 * 1024;

    private const int HeadBytes = 5;

    public ValueTask WriteAsync<T>(StreamFrameKind kind, T value, JsonTypeInfo<T> type)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(value, type);
        WriteHead(kind, payload.Length);
        pipe.Write(payload);
        return FlushWhenFullAsync();
    }

    public ValueTask WriteAsync(in SegmentFrame segment)
    {
        WriteHead(StreamFrameKind.Output, StreamFrame.OutputHeaderBytes + segment.Bytes.Length);
        var head = pipe.GetSpan(StreamFrame.OutputHeaderBytes);
        BinaryPrimitives.WriteInt32BigEndian(head, segment.Attempt.Task);
        BinaryPrimitives.WriteInt32BigEndian(head[4..], segment.Attempt.Attempt);
        BinaryPrimitives.WriteInt32BigEndian(head[8..], segment.Segment);
        head[12] = (byte)segment.Stream;
        pipe.Advance(StreamFrame.OutputHeaderBytes);
        pipe.Write(segment.Bytes.Span);
        return FlushWhenFullAsync();
    }

    public ValueTask PingAsync()
    {
        WriteHead(StreamFrameKind.Ping, 0);
        return FlushAsync();
    }

    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async ValueTask FlushAsync()
    {
        var flushed = await pipe.FlushAsync(cancel);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("the client is gone");
        }
    }

    private ValueTask FlushWhenFullAsync() => pipe.UnflushedBytes >= UnflushedBytesMax ? FlushAsync() : ValueTask.CompletedTask;

    private void WriteHead(StreamFrameKind kind, int length)
    {
        var head = pipe.GetSpan(HeadBytes);
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], length);
        pipe.Advance(HeadBytes);
    }
}
