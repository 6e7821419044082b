using System.Text;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>How the output of a task ended that failed: read when somebody asks, not kept.</summary>
internal static class LastLines
{
    /// <summary>More is in <c>akc logs</c>.</summary>
    public const int LinesMax = 5;

    /// <summary>Of all lines together.</summary>
    public const int CharsMax = 1000;

    /// <summary>From the end of the output; what was said on stderr before those is not found.</summary>
    private const int SegmentsMax = 64;

    /// <summary>Of either stream: holds the last lines unless they are very long.</summary>
    private const int TailBytesMax = 16 * 1024;

    /// <returns>Without lines where there are none, or they can't be read.</returns>
    public static async Task<FailureView?> OfAsync(PoolParts pool, string jobId, FailedTask failed, CancellationToken cancel)
    {
        if (await pool.Views.ResultAsync(jobId, failed.Task, cancel) is not { } result)
        {
            return null;
        }

        var value = failed.Lists is { } lists ? await ListedValue.OfAsync(pool.Blobs, lists, failed.Item, cancel) : null;
        return new FailureView(
            jobId, value is null ? failed.Name : $"task {failed.Task} ({value})", result.Node ?? "",
            result.OutputBytes == 0 ? [] : await ReadAsync(pool, jobId, new AttemptRef(failed.Task, result.Attempt), cancel));
    }

    /// <summary>The last few that say something, each printable.</summary>
    public static IReadOnlyList<string> Of(ReadOnlySpan<byte> tail)
    {
        var (lines, left) = (new List<string>(), CharsMax);
        foreach (var line in Encoding.UTF8.GetString(tail).Split('\n').Reverse())
        {
            // What a progress bar has written over is gone.
            var shown = Printable.Line(line.TrimEnd() is var text ? text[(text.LastIndexOf('\r') + 1)..] : "", left);
            if (string.IsNullOrWhiteSpace(shown))
            {
                continue;
            }

            lines.Insert(0, shown);
            left -= shown.Length;
            if (lines.Count == LinesMax || left <= 0)
            {
                break;
            }
        }

        return lines;
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(PoolParts pool, string jobId, AttemptRef attempt, CancellationToken cancel)
    {
        byte[] output = [], errors = [];
        try
        {
            var count = await pool.Outputs.CountAsync(jobId, attempt, cancel);
            await foreach (var segment in pool.Outputs.ReadAsync(jobId, attempt, Math.Max(0, count - SegmentsMax), cancel))
            {
                if (segment.Stream == 2)
                {
                    errors = Tail(errors, segment.Bytes.Span);
                }
                else
                {
                    output = Tail(output, segment.Bytes.Span);
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            // what was read until there; 'akc logs' says what is wrong
        }

        return Of(errors) is { Count: > 0 } lines ? lines : Of(output);
    }

    private static byte[] Tail(ReadOnlySpan<byte> before, ReadOnlySpan<byte> bytes)
    {
        byte[] whole = [.. before, .. bytes];
        return whole.Length <= TailBytesMax ? whole : whole[^TailBytesMax..];
    }
}
