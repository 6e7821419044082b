using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Protocol.Rows;

/// <summary>
/// Finds where records end, over a file of any size: bytes come piece by piece, and only what was open is kept.
/// Empty lines are no records; they belong to the one before them.
/// </summary>
public sealed class RecordScanner(RowFormat format)
{
    private const byte Quote = (byte)'"';
    private readonly bool quotes = format != RowFormat.Lines;
    private bool inQuotes;
    private bool hasContent;

    /// <summary>The bytes so far end within a quoted value: a file that ends so is cut off, or no CSV.</summary>
    public bool IsInQuotes => inQuotes;

    /// <summary>The bytes so far end within a record: at the end of a file it is the last one.</summary>
    public bool IsInRecord => hasContent;

    /// <returns>Where in <paramref name="bytes"/> the first record that ends in them ends, its line's end included; -1 if none does.</returns>
    public int NextEnd(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var sign = bytes[i];
            if (sign == Quote && quotes)
            {
                inQuotes = !inQuotes; // a doubled quote closes and opens
                hasContent = true;
            }
            else if (sign != (byte)'\n')
            {
                hasContent |= sign != (byte)'\r';
            }
            else if (!inQuotes && hasContent)
            {
                hasContent = false;
                return i + 1;
            }
        }

        return -1;
    }
}
