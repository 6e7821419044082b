using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>What people call the items of a task: the numbers that they wrote, frames, or the place in a list, from 1 on.</summary>
internal static class ItemNames
{
    /// <param name="kind">Null where it is not at hand: then only their places are known.</param>
    public static string Of(JobItems items, TaskItems? kind, ItemRange range)
    {
        var (name, first, last) = (items.Files, kind) switch
        {
            ({ } files, _) => (WordOf(files), files.NumberOf(range.First), files.NumberOf(range.End - 1)),
            (_, RangeItems numbers) => ("number", numbers[range.First], numbers[range.End - 1]),
            (_, ListItems) => ("value", range.First + 1L, range.End),
            (_, RowItems) => ("record", range.First + 1L, range.End),
            _ => ("item", range.First + 1L, range.End),
        };
        return range.Count == 1 ? $"{name} {first}" : $"{name}s {first} to {last}";
    }

    /// <summary>Of <c>frame_0001.png</c> it is a frame.</summary>
    private static string WordOf(ItemFiles files) =>
        files.Prefix.TrimEnd('_', '-', '.') is { Length: > 0 } word && word.All(char.IsAsciiLetter) ? word : "file";
}
