using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace AkkaCompute.Lighthouse.Outputs;

/// <summary>A segment in a file: <c>u8 stream | i32 length | u32 CRC-32C of the bytes | bytes</c>, big-endian.</summary>
internal readonly record struct SegmentRecord(int Stream, int Length, uint Sum)
{
    public const int HeadBytes = 9;

    public int TotalBytes => HeadBytes + Length;

    public static SegmentRecord Of(int stream, ReadOnlySpan<byte> bytes) => new(stream, bytes.Length, SumOf(bytes));

    public void Write(Span<byte> head)
    {
        head[0] = (byte)Stream;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], Length);
        BinaryPrimitives.WriteUInt32BigEndian(head[5..], Sum);
    }

    /// <summary>False when this is no head: what a crash left of a write.</summary>
    public static bool TryRead(ReadOnlySpan<byte> head, out SegmentRecord record)
    {
        record = head.Length < HeadBytes
            ? default
            : new(head[0], BinaryPrimitives.ReadInt32BigEndian(head[1..]), BinaryPrimitives.ReadUInt32BigEndian(head[5..]));
        return record.Stream is 1 or 2 && record.Length is >= 0 and <= Protocol.Framing.SegmentFrame.BytesMax;
    }

    /// <summary>CRC-32C (Castagnoli), as RFC 3720 appendix B.4 computes it.</summary>
    public static uint SumOf(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            sum = BitOperations.Crc32C(sum, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var b in bytes[(words.Length * sizeof(ulong))..])
        {
            sum = BitOperations.Crc32C(sum, b);
        }

        return ~sum;
    }
}
