using System.Globalization;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>Where a client stands in an attempt's output.</summary>
internal readonly record struct Position(int Attempt, int Segment);

/// <summary>What a client asks of a job's stream, see <see cref="Protocol.Api.Routes.Stream"/>.</summary>
/// <param name="Skip">Tasks that it has whole.</param>
/// <param name="From">Tasks that it has in part.</param>
internal sealed record StreamQuery(bool Ordered, bool Follow, TaskSet Skip, IReadOnlyDictionary<int, Position> From)
{
    /// <summary>Of a query in a body: the most ranges of <see cref="TaskSet"/>, and room for the rest.</summary>
    public const int BytesMax = 4 * 1024 * 1024;

    /// <summary>More tasks than run at once in front of a person.</summary>
    public const int FromMax = 10_000;

    /// <param name="query">The value of a name, or null.</param>
    public static (StreamQuery? Query, string? Error) Parse(Func<string, string?> query)
    {
        var mode = query("mode") ?? "live";
        var follow = query("follow") ?? "true";
        if (mode is not ("live" or "ordered"))
        {
            return (null, "mode: live or ordered");
        }

        if (follow is not ("true" or "false"))
        {
            return (null, "follow: true or false");
        }

        if (TaskSet.Parse(query("skip") ?? "") is not { } skip)
        {
            return (null, $"skip: tasks such as 0-17,19, at most {TaskSet.RangesMax} ranges");
        }

        return ParseFrom(query("from") ?? "") is { } from
            ? (new StreamQuery(mode == "ordered", follow == "true", skip, from), null)
            : (null, $"from: TASK.ATTEMPT.SEGMENT,... at most {FromMax} of them");
    }

    private static Dictionary<int, Position>? ParseFrom(string text)
    {
        var parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var from = new Dictionary<int, Position>();
        foreach (var part in parts)
        {
            var numbers = part.Split('.');
            if (numbers.Length != 3 || !TryNumber(numbers[0], out var task) || !TryNumber(numbers[1], out var attempt)
                || !TryNumber(numbers[2], out var segment) || task >= JobSpec.TaskCountMax)
            {
                return null;
            }

            from[task] = new Position(attempt, segment);
        }

        return from.Count <= FromMax ? from : null;
    }

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
