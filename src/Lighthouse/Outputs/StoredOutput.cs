using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Outputs;

/// <summary>An attempt's output file, looked at by who does not run the store.</summary>
internal static class StoredOutput
{
    // At least one whole record; small ones are read many at a time.
    private const int ReadBytes = SegmentFrame.BytesMax + SegmentRecord.HeadBytes;

    public static string PathOf(string folder, string jobId, AttemptRef attempt) =>
        Path.Combine(folder, jobId, $"{attempt.Task}-{attempt.Attempt}.seg");

    /// <summary>Whole segments before <paramref name="endSegment"/>, and their bytes of output; up to the first that is damaged.</summary>
    public static (int Segments, long Bytes) Measure(string path, int endSegment)
    {
        var (segments, bytes, offset) = (0, 0L, 0L);
        if (!File.Exists(path))
        {
            return (segments, bytes);
        }

        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var buffer = new byte[(int)Math.Min(ReadBytes, RandomAccess.GetLength(handle))];
        while (segments < endSegment)
        {
            var read = RandomAccess.Read(handle, buffer, offset);
            var at = 0;
            while (segments < endSegment && Next(buffer.AsSpan(at, read - at)) is { } record)
            {
                segments++;
                bytes += record.Length;
                at += record.TotalBytes;
            }

            if (at == 0)
            {
                break;
            }

            offset += at;
        }

        return (segments, bytes);
    }

    private static SegmentRecord? Next(ReadOnlySpan<byte> bytes) =>
        SegmentRecord.TryRead(bytes, out var record) && record.TotalBytes <= bytes.Length
            && SegmentRecord.SumOf(bytes.Slice(SegmentRecord.HeadBytes, record.Length)) == record.Sum
            ? record
            : null;
}
