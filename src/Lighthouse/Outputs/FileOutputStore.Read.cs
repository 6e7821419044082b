using System.Runtime.CompilerServices;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Outputs;

internal sealed partial class FileOutputStore
{
    // At least one whole record; small ones are read many at a time.
    private const int ReadBytes = SegmentFrame.BytesMax + SegmentRecord.HeadBytes;

    public async IAsyncEnumerable<SegmentFrame> ReadAsync(
        string jobId, AttemptRef attempt, int fromSegment, [EnumeratorCancellation] CancellationToken cancel, long bytesCommitted = 0)
    {
        // The journal first: once it has the end of an output, the file has all that comes before.
        var inline = await _database.ReadAsync(session => ReadInline(session, jobId, attempt), cancel);
        var found = new Found();
        await foreach (var segment in ReadFileAsync(jobId, attempt, fromSegment, inline?.FirstSegment ?? int.MaxValue, found, cancel))
        {
            yield return segment;
        }

        if (inline is not null && (found.Segments == inline.FirstSegment || bytesCommitted == 0))
        {
            var number = inline.FirstSegment;
            foreach (var (stream, bytes) in SegmentsOf(inline))
            {
                found.Bytes += bytes.Length;
                if (number >= fromSegment)
                {
                    yield return new SegmentFrame(jobId, attempt, number, stream, bytes);
                }

                number++;
            }
        }

        if (found.Bytes < bytesCommitted)
        {
            throw new InvalidDataException(
                $"output of job {jobId}, task {attempt.Task}, attempt {attempt.Attempt} is missing or damaged in {_folder} after {found.Bytes} of " +
                $"{bytesCommitted} bytes: restore it from a backup, or submit the job again");
        }
    }

    public async Task<int> CountAsync(string jobId, AttemptRef attempt, CancellationToken cancel)
    {
        var inline = await _database.ReadAsync(session => ReadInline(session, jobId, attempt), cancel);
        return inline is null ? Locate(jobId, attempt, int.MaxValue)?.Segment ?? 0 : inline.FirstSegment + SegmentsOf(inline).Count;
    }

    private async IAsyncEnumerable<SegmentFrame> ReadFileAsync(
        string jobId, AttemptRef attempt, int fromSegment, int endSegment, Found found, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (Locate(jobId, attempt, fromSegment) is not var (path, number, offset, end))
        {
            yield break;
        }

        found.Stand(number, offset);

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
                && SegmentRecord.TryRead(buffer.AsSpan(at, read - at), out var record) && record.TotalBytes <= read - at
                && SegmentRecord.SumOf(buffer.AsSpan(at + SegmentRecord.HeadBytes, record.Length)) == record.Sum)
            {
                if (number >= fromSegment)
                {
                    yield return new SegmentFrame(
                        jobId, attempt, number, record.Stream, buffer.AsMemory(at + SegmentRecord.HeadBytes, record.Length));
                }

                number++;
                at += record.TotalBytes;
                found.Stand(number, offset + at);
            }

            if (at == 0)
            {
                yield break; // damaged, or cut off meanwhile: a flush failed
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
                return (file.Path, segment, offset, end);
            }
        }
    }

    private static StoredInline? ReadInline(SqlSession session, string jobId, AttemptRef attempt)
    {
        var found = session.Read(
            $"SELECT {StoredInline.Columns()} FROM inline_output WHERE job = $1 AND task = $2 AND attempt = $3",
            StoredInline.Read, jobId, attempt.Task, attempt.Attempt);
        return found is [var only] ? only : null;
    }

    private static IReadOnlyList<(int Stream, ReadOnlyMemory<byte> Bytes)> SegmentsOf(StoredInline inline)
    {
        try
        {
            return inline.Segments();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(
                $"the end of the output of job {inline.JobId}, task {inline.Task}, attempt {inline.Attempt} is damaged in the journal ({e.Message}): " +
                "restore a backup, or submit the job again",
                e);
        }
    }

    /// <summary>How far a reading has come, and what lies before.</summary>
    private sealed class Found
    {
        public int Segments { get; private set; }

        /// <summary>Of output, without the records' heads.</summary>
        public long Bytes { get; set; }

        public void Stand(int segment, long offset)
        {
            Segments = segment;
            Bytes = offset - ((long)segment * SegmentRecord.HeadBytes);
        }
    }
}
