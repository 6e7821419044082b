using System.Runtime.CompilerServices;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Outputs;

internal sealed partial class FileOutputStore
{
    // At least one whole record; small ones are read many at a time.
    private const int ReadBytes = SegmentFrame.BytesMax + SegmentRecord.HeadBytes;

    public async IAsyncEnumerable<SegmentFrame> ReadAsync(
        string jobId, AttemptRef attempt, int fromSegment, [EnumeratorCancellation] CancellationToken cancel)
    {
        // The journal first: once it has the end of an output, the file has all that comes before.
        var inline = await _database.ReadAsync(connection => ReadInline(connection, jobId, attempt), cancel);
        await foreach (var segment in ReadFileAsync(jobId, attempt, fromSegment, inline?.First ?? int.MaxValue, cancel))
        {
            yield return segment;
        }

        if (inline is var (first, packed))
        {
            var number = first;
            foreach (var (stream, bytes) in InlineBytes.Unpack(packed))
            {
                if (number >= fromSegment)
                {
                    yield return new SegmentFrame(jobId, attempt, number, stream, bytes);
                }

                number++;
            }
        }
    }

    private async IAsyncEnumerable<SegmentFrame> ReadFileAsync(
        string jobId, AttemptRef attempt, int fromSegment, int endSegment, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (Locate(jobId, attempt, fromSegment) is not var (path, number, offset, end))
        {
            yield break;
        }

        // Its own handle: a slow reader must not keep one of the store's.
        using var handle = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous | FileOptions.SequentialScan);
        while (offset < end && number < endSegment)
        {
            // A fresh one each time: the segments given out point into it.
            var buffer = new byte[(int)Math.Min(ReadBytes, end - offset)];
            var read = await RandomAccess.ReadAsync(handle, buffer, offset, cancel);
            var at = 0;
            while (number < endSegment
                && SegmentRecord.TryRead(buffer.AsSpan(at, read - at), out var record) && record.TotalBytes <= read - at)
            {
                if (number >= fromSegment)
                {
                    yield return new SegmentFrame(
                        jobId, attempt, number, record.Stream, buffer.AsMemory(at + SegmentRecord.HeadBytes, record.Length));
                }

                number++;
                at += record.TotalBytes;
            }

            if (at == 0)
            {
                yield break; // cut off meanwhile: a flush failed, or the job was deleted
            }

            offset += at;
        }
    }

    private (string Path, int Segment, long Offset, long End)? Locate(string jobId, AttemptRef attempt, int fromSegment)
    {
        if (!Ids.IsValid(jobId) || !File.Exists(PathOf(jobId, attempt)))
        {
            return null;
        }

        while (true)
        {
            var file = Find(jobId, attempt);
            if (file.Find(Math.Max(0, fromSegment)) is var (segment, offset, end))
            {
                return offset < end ? (file.Path, segment, offset, end) : null;
            }
        }
    }

    private static (int First, byte[] Packed)? ReadInline(SqliteConnection connection, string jobId, AttemptRef attempt)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT first_segment, bytes FROM inline_output WHERE job = $job AND task = $task AND attempt = $attempt";
        command.Parameters.AddWithValue("$job", jobId);
        command.Parameters.AddWithValue("$task", attempt.Task);
        command.Parameters.AddWithValue("$attempt", attempt.Attempt);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt32(0), reader.GetFieldValue<byte[]>(1)) : null;
    }
}
