using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Lighthouse.Outputs;

/// <summary>Where the segments of one file begin: every 256th is remembered, the others are found by reading on from there.</summary>
internal sealed class SegmentIndex
{
    private const int Stride = 256;

    // Acknowledged is what was flushed, and no more than a window is ever on its way: older records are whole.
    private const long DoubtfulBytes = LinkTimes.WindowBytesMax * 2L;

    // Of large segments little more than the heads is read, of small ones many at once.
    private const int HeadsBytes = 4 * 1024;

    private readonly List<long> _starts = [];

    /// <summary>Number of the next segment.</summary>
    public int Next { get; private set; }

    /// <summary>Bytes of all records.</summary>
    public long Length { get; private set; }

    public void Add(int recordBytes)
    {
        if (Next % Stride == 0)
        {
            _starts.Add(Length);
        }

        Next++;
        Length += recordBytes;
    }

    /// <summary>The nearest remembered segment at or before <paramref name="segment"/>, and where it begins.</summary>
    public (int Segment, long Offset) Before(int segment)
    {
        if (segment >= Next)
        {
            return (Next, Length);
        }

        var slot = segment / Stride;
        return (slot * Stride, _starts[slot]);
    }

    /// <summary>Forgets everything from <paramref name="next"/> on.</summary>
    public void CutTo(int next, long length)
    {
        Next = next;
        Length = length;
        _starts.RemoveRange((next + Stride - 1) / Stride, _starts.Count - ((next + Stride - 1) / Stride));
    }

    /// <summary>Reads the heads of the file's records up to its end or to the first that a crash tore.</summary>
    public static SegmentIndex Scan(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
        var length = RandomAccess.GetLength(file);
        var index = new SegmentIndex();
        var heads = new byte[HeadsBytes];
        var (headsAt, headsRead) = (0L, 0);
        var bytes = Array.Empty<byte>();
        while (true)
        {
            if (index.Length + SegmentRecord.HeadBytes > headsAt + headsRead)
            {
                headsAt = index.Length;
                headsRead = RandomAccess.Read(file, heads, headsAt);
            }

            var at = (int)(index.Length - headsAt);
            if (!SegmentRecord.TryRead(heads.AsSpan(at, headsRead - at), out var record) || index.Length + record.TotalBytes > length)
            {
                return index;
            }

            if (index.Length >= length - DoubtfulBytes)
            {
                bytes = bytes.Length < record.Length ? new byte[Protocol.Framing.SegmentFrame.BytesMax] : bytes;
                var body = bytes.AsSpan(0, record.Length);
                if (RandomAccess.Read(file, body, index.Length + SegmentRecord.HeadBytes) < record.Length || SegmentRecord.SumOf(body) != record.Sum)
                {
                    return index;
                }
            }

            index.Add(record.TotalBytes);
        }
    }
}
