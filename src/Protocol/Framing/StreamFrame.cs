using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AkkaCompute.Protocol.Framing;

/// <summary>What a job's stream is made of (<c>GET /api/v1/jobs/{id}/stream</c>, media type <see cref="MediaType"/>).</summary>
public enum StreamFrameKind : byte
{
    /// <summary>JSON of <see cref="Api.JobView"/>: first, at each change, and last with a terminal state.</summary>
    Job = 1,

    /// <summary>JSON of <see cref="Api.AttemptBegan"/>: from here on output of this task is of this attempt.</summary>
    Attempt = 2,

    /// <summary><c>i32 task | i32 attempt | i32 segment | u8 stream | bytes</c>, big-endian.</summary>
    Output = 3,

    /// <summary>JSON of <see cref="Api.TaskView"/>: a result was committed and all its output was sent.</summary>
    TaskDone = 4,

    /// <summary>Nothing; every 5 s, so that a dead connection is noticed.</summary>
    Ping = 5,

    /// <summary>JSON of <see cref="Api.AttemptFailed"/>: a task failed and is tried again; of failures that followed each other at once the last alone.</summary>
    Failed = 6,
}

/// <summary>One frame: <c>u8 kind | i32 length | payload</c>, big-endian.</summary>
public readonly record struct StreamFrame(StreamFrameKind Kind, ReadOnlyMemory<byte> Payload)
{
    public const string MediaType = "application/vnd.akc.stream";
    public const int PayloadBytesMax = 1024 * 1024;
    public const int OutputHeaderBytes = 13;

    public static StreamFrame Json<T>(StreamFrameKind kind, T value, JsonTypeInfo<T> type) =>
        new(kind, JsonSerializer.SerializeToUtf8Bytes(value, type));

    public static StreamFrame Output(SegmentFrame segment)
    {
        var payload = new byte[OutputHeaderBytes + segment.Bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(payload, segment.Attempt.Task);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(4), segment.Attempt.Attempt);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(8), segment.Segment);
        payload[12] = (byte)segment.Stream;
        segment.Bytes.Span.CopyTo(payload.AsSpan(OutputHeaderBytes));
        return new StreamFrame(StreamFrameKind.Output, payload);
    }

    /// <exception cref="FormatException">Too short, or out of its limits.</exception>
    public SegmentFrame ReadOutput(string jobId)
    {
        var span = Payload.Span;
        if (span.Length < OutputHeaderBytes)
        {
            throw new FormatException("a stream's output frame is too short");
        }

        var attempt = new Jobs.AttemptRef(BinaryPrimitives.ReadInt32BigEndian(span), BinaryPrimitives.ReadInt32BigEndian(span[4..]));
        var segment = BinaryPrimitives.ReadInt32BigEndian(span[8..]);
        return attempt is { Task: >= 0 and < Jobs.JobSpec.TaskCountMax, Attempt: >= 1 } && segment is >= 0 and < int.MaxValue && span[12] is 1 or 2
            ? new SegmentFrame(jobId, attempt, segment, span[12], Payload[OutputHeaderBytes..])
            : throw new FormatException("a stream's output frame is out of its limits");
    }

    public async ValueTask WriteAsync(Stream stream, CancellationToken cancel)
    {
        var head = new byte[5];
        head[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), Payload.Length);
        await stream.WriteAsync(head, cancel).ConfigureAwait(false);
        await stream.WriteAsync(Payload, cancel).ConfigureAwait(false);
    }

    /// <returns>Null at the stream's end.</returns>
    /// <exception cref="FormatException">A kind or a length out of its limits.</exception>
    /// <exception cref="EndOfStreamException">It ended within a frame.</exception>
    public static async ValueTask<StreamFrame?> ReadAsync(Stream stream, CancellationToken cancel)
    {
        var head = new byte[5];
        var read = await stream.ReadAtLeastAsync(head, 5, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        if (read == 0)
        {
            return null;
        }

        if (read < 5)
        {
            throw new EndOfStreamException();
        }

        var kind = (StreamFrameKind)head[0];
        var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1));
        if (kind is < StreamFrameKind.Job or > StreamFrameKind.Failed || length is < 0 or > PayloadBytesMax)
        {
            throw new FormatException("not a frame of a job's stream");
        }

        var payload = new byte[length];
        await stream.ReadExactlyAsync(payload, cancel).ConfigureAwait(false);
        return new StreamFrame(kind, payload);
    }
}
