using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>One task's part of a stream, the same in both modes.</summary>
internal static class TaskOutput
{
    /// <summary>Says which attempt's output follows, unless the client was told before.</summary>
    public static async ValueTask<Position> BeginAsync(FrameWriter frames, TaskView attempt, Position? shown)
    {
        if (shown is { } known && known.Attempt == attempt.Attempt)
        {
            return known;
        }

        await frames.WriteAsync(
            StreamFrameKind.Attempt, new AttemptBegan(attempt.Index, attempt.Attempt, attempt.Node ?? "", shown?.Attempt),
            ProtocolJson.Default.AttemptBegan);
        return new Position(attempt.Attempt, 0);
    }

    /// <summary>What is stored now, from <paramref name="position"/> on; returns where it ended.</summary>
    public static async ValueTask<Position> SendAsync(FrameWriter frames, JobReader job, TaskView attempt, Position position)
    {
        if (IsKnownEmpty(attempt))
        {
            return position;
        }

        await foreach (var segment in job.OutputAsync(attempt.Index, position, attempt.Cause is null ? 0 : attempt.OutputBytes))
        {
            await frames.WriteAsync(segment);
            position = position with { Segment = segment.Segment + 1 };
        }

        return position;
    }

    private static bool IsKnownEmpty(TaskView task) => task.Cause is not null && task.OutputBytes == 0;
}
