using System.Buffers.Binary;
using System.Text;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Protocol.Framing;

/// <summary>
/// A segment of output as a binary WebSocket message:
/// <c>u8 version=1 | u8 stream (1 stdout, 2 stderr) | u16 length of job id | job id | i32 task | i32 attempt | i32 segment | bytes</c>, big-endian.
/// </summary>
public readonly record struct SegmentFrame(string JobId, AttemptRef Attempt, int Segment, int Stream, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Bytes of output in one segment.</summary>
    public const int BytesMax = 64 * 1024;

    private const byte Version = 1;

    public static int HeaderBytes(string jobId) => 16 + Encoding.ASCII.GetByteCount(jobId);

    public byte[] ToArray()
    {
        var header = HeaderBytes(JobId);
        var frame = new byte[header + Bytes.Length];
        frame[0] = Version;
        frame[1] = (byte)Stream;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)(header - 16));
        Encoding.ASCII.GetBytes(JobId, frame.AsSpan(4));
        var numbers = frame.AsSpan(header - 12);
        BinaryPrimitives.WriteInt32BigEndian(numbers, Attempt.Task);
        BinaryPrimitives.WriteInt32BigEndian(numbers[4..], Attempt.Attempt);
        BinaryPrimitives.WriteInt32BigEndian(numbers[8..], Segment);
        Bytes.Span.CopyTo(frame.AsSpan(header));
        return frame;
    }

    /// <exception cref="FormatException">Not a frame of this version, or out of its limits.</exception>
    public static SegmentFrame Parse(ReadOnlyMemory<byte> frame)
    {
        var span = frame.Span;
        if (span.Length < 17 || span[0] != Version || span[1] is not (1 or 2))
        {
            throw new FormatException("not a segment frame of version 1");
        }

        var idLength = BinaryPrimitives.ReadUInt16BigEndian(span[2..]);
        var header = 16 + idLength;
        if (idLength > Ids.LengthMax || header > span.Length || span.Length - header > BytesMax)
        {
            throw new FormatException("a segment frame out of its limits");
        }

        var jobId = Encoding.ASCII.GetString(span.Slice(4, idLength));
        var numbers = span[(header - 12)..];
        var task = BinaryPrimitives.ReadInt32BigEndian(numbers);
        var attempt = BinaryPrimitives.ReadInt32BigEndian(numbers[4..]);
        var segment = BinaryPrimitives.ReadInt32BigEndian(numbers[8..]);
        if (!Ids.IsValid(jobId) || task is < 0 or >= JobSpec.TaskCountMax || attempt < 1 || segment is < 0 or int.MaxValue)
        {
            throw new FormatException("a segment frame out of its limits");
        }

        return new SegmentFrame(jobId, new AttemptRef(task, attempt), segment, span[1], frame[header..]);
    }
}
