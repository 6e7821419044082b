namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>Bytes in order, in one array: written at the end, taken from the start. Who writes bounds it.</summary>
internal sealed class ByteQueue
{
    /// <summary>A larger array is let go once it is empty.</summary>
    private const int KeptBytesMax = 1024 * 1024;

    private byte[] bytes = [];
    private int start;
    private int end;

    public int Length => end - start;

    public ReadOnlySpan<byte> Front => bytes.AsSpan(start, end - start);

    /// <summary>Room for <paramref name="count"/> bytes; what was written into it counts after <see cref="Added"/>.</summary>
    public Span<byte> Room(int count)
    {
        if (bytes.Length - end < count)
        {
            var length = Length;
            var target = bytes.Length >= length + count && start >= length ? bytes : new byte[Math.Max(length + count, Math.Max(256, bytes.Length * 2))];
            Buffer.BlockCopy(bytes, start, target, 0, length);
            (bytes, start, end) = (target, 0, length);
        }

        return bytes.AsSpan(end);
    }

    public void Added(int count) => end += count;

    public void Add(ReadOnlySpan<byte> more)
    {
        more.CopyTo(Room(more.Length));
        end += more.Length;
    }

    public void Take(int count)
    {
        start += count;
        if (start == end)
        {
            (start, end) = (0, 0);
            if (bytes.Length > KeptBytesMax)
            {
                bytes = [];
            }
        }
    }
}
