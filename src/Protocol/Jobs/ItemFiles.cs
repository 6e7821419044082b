using System.Globalization;
using System.Text.Json.Serialization;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Protocol.Jobs;

/// <summary>
/// Each item of a range leaves one file named by its number, <c>frame_0001.png</c>: clients put those of all tasks into one folder
/// and say which are missing.
/// </summary>
/// <param name="Prefix">Before the number.</param>
/// <param name="Digits">At least so many; a minus sign comes on top.</param>
/// <param name="Suffix">Behind the number.</param>
/// <param name="First">As of the job's <see cref="RangeItems"/>.</param>
/// <param name="Step">As of the job's <see cref="RangeItems"/>.</param>
public sealed record ItemFiles(string Prefix, int Digits, string Suffix, long First, long Step)
{
    /// <summary>A 64-bit number has no more.</summary>
    public const int DigitsMax = 19;

    /// <summary>The files are pieces of one picture; null where each is its own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TileGrid? Grid { get; init; }

    public long NumberOf(int item) => First + (item * Step);

    public string NameOf(int item)
    {
        var number = NumberOf(item);
        var digits = number.ToString("D" + Digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Prefix + digits + Suffix;
    }

    /// <returns>Null if the file is of none of <paramref name="count"/> items.</returns>
    public int? ItemOf(string file, int count)
    {
        if (file.Length <= Prefix.Length + Suffix.Length || !file.StartsWith(Prefix, StringComparison.Ordinal) || !file.EndsWith(Suffix, StringComparison.Ordinal)
            || !long.TryParse(file.AsSpan(Prefix.Length, file.Length - Prefix.Length - Suffix.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        var (item, rest) = Int128.DivRem((Int128)number - First, Step);
        return rest == 0 && item >= 0 && item < count && NameOf((int)item) == file ? (int)item : null;
    }

    /// <summary>All names are safe ones, and numbers of <paramref name="count"/> items stay within 64 bits.</summary>
    public bool IsSound(int count) =>
        Prefix is not null && Suffix is not null && Digits is >= 1 and <= DigitsMax && Step != 0
        && (Int128)First + ((Int128)Step * count) is var end && end <= long.MaxValue && end >= long.MinValue
        && TreePath.IsSafe(Prefix + new string('0', DigitsMax + 1) + Suffix)
        && (Grid is null || (Grid.IsSound(count) && ItemOf(Grid.Picture, count) is null));
}

/// <summary>Tiles in rows from the top, each row from the left.</summary>
/// <param name="Picture">What the merged picture is called.</param>
public sealed record TileGrid(int Columns, int Rows, string Picture)
{
    /// <summary>All are open at once when they are merged: some systems allow 256 files.</summary>
    public const int TilesMax = 100;

    internal bool IsSound(int count) => Columns > 0 && Rows > 0 && count <= TilesMax && (long)Columns * Rows == count && Picture is not null && TreePath.IsSafe(Picture);
}
