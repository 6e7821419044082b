using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Protocol.Rows;

/// <summary>
/// Finds where records end, over a file of any size: bytes come piece by piece, and only what was open is kept.
/// Empty lines are no records; they belong to the one that follows.
/// </summary>
public sealed class RecordScanner(RowFormat format)
{
    private const byte Quote = (byte)'"';
    private const byte Return = (byte)'\r';
    private const byte NewLine = (byte)'\n';
    private readonly bool hasQuotes = format != RowFormat.Lines;

    /// <summary>The bytes so far end within a quoted value: a file that ends so is cut off, or no CSV.</summary>
    public bool IsInQuotes { get; private set; }

    /// <summary>The bytes so far end within a record: at the end of a file it is the last one.</summary>
    public bool IsInRecord { get; private set; }

    /// <returns>Where in <paramref name="bytes"/> the first record that ends in them ends, its line's end included; -1 if none does.</returns>
    public int NextEnd(ReadOnlySpan<byte> bytes)
    {
        for (var from = 0; from < bytes.Length;)
        {
            var rest = bytes[from..];
            var next = hasQuotes ? rest.IndexOfAny(Quote, NewLine) : rest.IndexOf(NewLine);
            IsInRecord |= rest[..(next < 0 ? rest.Length : next)].ContainsAnyExcept(Return);
            if (next < 0)
            {
                return -1;
            }

            from += next + 1;
            if (rest[next] == Quote)
            {
                IsInQuotes = !IsInQuotes; // a doubled quote closes and opens
                IsInRecord = true;
            }
            else if (!IsInQuotes && IsInRecord)
            {
                IsInRecord = false;
                return from;
            }
        }

        return -1;
    }
}
