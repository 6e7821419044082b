using System.Buffers.Binary;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>Inline output as it is stored: for each segment <c>u8 stream | i32 length | bytes</c>, big-endian.</summary>
internal static class InlineBytes
{
    private const int HeadBytes = 5;

    /// <summary>Whether what came from a node is within its limits.</summary>
    public static bool IsValid(InlineOutput? output) =>
        output?.Segments is { Count: > 0 and <= InlineOutput.BytesMax } segments
        && segments.All(s => s is { Stream: 1 or 2, Bytes.Length: > 0 })
        && segments.Sum(s => (long)s.Bytes.Length) <= InlineOutput.BytesMax;

    public static byte[] Pack(InlineOutput output)
    {
        var packed = new byte[output.Segments.Sum(s => HeadBytes + s.Bytes.Length)];
        var rest = packed.AsSpan();
        foreach (var segment in output.Segments)
        {
            rest[0] = (byte)segment.Stream;
            BinaryPrimitives.WriteInt32BigEndian(rest[1..], segment.Bytes.Length);
            segment.Bytes.CopyTo(rest[HeadBytes..]);
            rest = rest[(HeadBytes + segment.Bytes.Length)..];
        }

        return packed;
    }

    /// <exception cref="InvalidDataException">They were changed: no segments are cut like that.</exception>
    public static IReadOnlyList<(int Stream, ReadOnlyMemory<byte> Bytes)> Unpack(byte[] packed)
    {
        var segments = new List<(int, ReadOnlyMemory<byte>)>();
        for (var at = 0; at < packed.Length;)
        {
            var rest = packed.AsMemory(at);
            var length = rest.Length > HeadBytes ? BinaryPrimitives.ReadInt32BigEndian(rest.Span[1..]) : 0;
            if (packed[at] is not (1 or 2) || length < 1 || length > rest.Length - HeadBytes)
            {
                throw new InvalidDataException($"no segment begins at byte {at}");
            }

            segments.Add((packed[at], rest.Slice(HeadBytes, length)));
            at += HeadBytes + length;
        }

        return segments;
    }
}
