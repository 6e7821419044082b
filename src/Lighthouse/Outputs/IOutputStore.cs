using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Outputs;

/// <summary>Output segments of attempts, numbered from 0. The end of an output may stand in the journal as inline segments.</summary>
internal interface IOutputStore
{
    /// <summary>
    /// Completes when the segment is on disk. The number of the next segment wanted: a repeated segment changes nothing,
    /// one after a gap is not taken.
    /// </summary>
    /// <exception cref="OutputLimitException">More than a task's output may be.</exception>
    /// <exception cref="IOException">The disk is full or broken; nothing of the segment is kept.</exception>
    Task<int> AppendAsync(SegmentFrame segment, CancellationToken cancel);

    /// <summary>What is stored now, from <paramref name="fromSegment"/> on, inline segments included.</summary>
    /// <param name="bytesCommitted">Bytes of the whole output that the journal says are here; 0 while the attempt runs.</param>
    /// <exception cref="InvalidDataException">At its end: output is missing or damaged, fewer than <paramref name="bytesCommitted"/> are left.</exception>
    IAsyncEnumerable<SegmentFrame> ReadAsync(
        string jobId, AttemptRef attempt, int fromSegment, CancellationToken cancel, long bytesCommitted = 0);

    /// <summary>Segments that are stored now, inline segments included: for who wants the end alone.</summary>
    Task<int> CountAsync(string jobId, AttemptRef attempt, CancellationToken cancel);
}

internal sealed class OutputLimitException(long bytesMax) : Exception($"a task's output ends at {bytesMax} bytes")
{
    public const long BytesMax = 10L * 1024 * 1024 * 1024;
}
