using System.Text.Json.Serialization;

namespace AkkaCompute.Protocol.Jobs;

/// <summary>What the items of a job are to its tasks: what they find in their work directories and in place of <see cref="Placeholders"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RangeItems), "range")]
[JsonDerivedType(typeof(ListItems), "lists")]
[JsonDerivedType(typeof(RowItems), "rows")]
public abstract record TaskItems
{
    /// <summary>The tree that the items come from, or null where they need none.</summary>
    [JsonIgnore]
    public abstract string? Tree { get; }
}

/// <summary>The numbers First, First + Step, ...: a task of several has <c>{start}</c> and <c>{end}</c>, both included.</summary>
public sealed record RangeItems(long First, long Step = 1) : TaskItems
{
    public override string? Tree => null;

    public long this[int item] => First + (item * Step);
}

/// <summary>
/// All combinations of a value of each list, the last list's going round first. The tree has the lists, one JSON array of
/// strings a line, in <see cref="ListsFile"/>, and under <see cref="FilesFolder"/> the files that values name: a task finds
/// those of its own values in its work directory, by these names (<see cref="PathOf"/>).
/// </summary>
/// <param name="Counts">How many values each list has.</param>
public sealed record ListItems(string TreeDigest, IReadOnlyList<int> Counts) : TaskItems
{
    public const string ListsFile = "lists";
    public const string FilesFolder = "files/";

    /// <summary>More than anybody combines by hand.</summary>
    public const int ListsMax = 16;

    /// <summary>Of <see cref="ListsFile"/>: a node holds the lists while it works for the job.</summary>
    public const int BytesMax = 64 * 1024 * 1024;

    public override string? Tree => TreeDigest;

    /// <summary>The file of a value, under <see cref="FilesFolder"/> and in a work directory: a <c>./</c> that guards a name with a dash is not its name's.</summary>
    public static string PathOf(string value) => value.StartsWith("./", StringComparison.Ordinal) ? value[2..] : value;

    /// <summary>Which value of each list an item has.</summary>
    public int[] IndexesOf(int item)
    {
        var indexes = new int[Counts.Count];
        for (var i = Counts.Count - 1; i >= 0; i--)
        {
            (item, indexes[i]) = Math.DivRem(item, Counts[i]);
        }

        return indexes;
    }
}

/// <summary>
/// Records of a file. The tree has what stands before the first one in <see cref="HeadFile"/> and the records, whole, in files
/// that <see cref="BlockName"/> names. A task finds the head and its own records in <paramref name="In"/>, and what it leaves
/// in <paramref name="Out"/> is joined in order, under one head.
/// </summary>
public sealed record RowItems(string TreeDigest, RowFormat Format, string In, string Out) : TaskItems
{
    public const string HeadFile = "head";
    public const string BlocksFolder = "rows/";

    public override string? Tree => TreeDigest;

    /// <summary>Of the block with so many records from the one on that is <paramref name="first"/>, counted from 0.</summary>
    public static string BlockName(int first, int count) => FormattableString.Invariant($"{BlocksFolder}{first:D9}-{count}");

    /// <returns>Null if the file is no block.</returns>
    public static ItemRange? BlockOf(string path)
    {
        var dash = path.IndexOf('-', StringComparison.Ordinal);
        return path.StartsWith(BlocksFolder, StringComparison.Ordinal) && dash > 0
            && int.TryParse(path.AsSpan(BlocksFolder.Length, dash - BlocksFolder.Length), System.Globalization.NumberStyles.None, null, out var first)
            && int.TryParse(path.AsSpan(dash + 1), System.Globalization.NumberStyles.None, null, out var count)
            && count > 0 && first <= JobSpec.TaskCountMax - count
                ? new ItemRange(first, count)
                : null;
    }
}

/// <summary>How records of a file are told from each other.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RowFormat>))]
public enum RowFormat
{
    /// <summary>RFC 4180: a record ends with a line unless the line's end stands in quotes. The first record is the head.</summary>
    Csv,

    /// <summary>The same without a head.</summary>
    CsvWithoutHead,

    /// <summary>A line each, JSON lines too. No head.</summary>
    Lines,
}
