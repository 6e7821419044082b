using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Protocol.Rows;

/// <summary>Copies records from one stream to another.</summary>
public static class Records
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Leaves out the first <paramref name="skip"/> records and copies at most <paramref name="take"/> of the others.</summary>
    /// <returns>How many were there to copy, one without an end of line at the end of the stream included.</returns>
    /// <exception cref="IOException">A stream fails.</exception>
    public static async Task<int> CopyAsync(Stream from, Stream into, RowFormat format, int skip, int take, CancellationToken cancel)
    {
        var scanner = new RecordScanner(format);
        var buffer = new byte[BufferBytes];
        var copied = 0;
        while (copied < take)
        {
            var read = await from.ReadAsync(buffer, cancel);
            if (read == 0)
            {
                return copied + (scanner.IsInRecord && skip == 0 ? 1 : 0);
            }

            for (var at = 0; at < read && copied < take;)
            {
                var end = scanner.NextEnd(buffer.AsSpan(at, read - at));
                var count = end < 0 ? read - at : end;
                if (skip == 0)
                {
                    await into.WriteAsync(buffer.AsMemory(at, count), cancel);
                }

                at += count;
                (skip, copied) = end < 0 ? (skip, copied) : skip > 0 ? (skip - 1, copied) : (skip, copied + 1);
            }
        }

        return copied;
    }
}
