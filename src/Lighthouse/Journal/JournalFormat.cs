namespace AkkaCompute.Lighthouse.Journal;

/// <summary>The format of a journal's tables and events, alike in all databases.</summary>
internal static class JournalFormat
{
    /// <summary>Grows when an older akc could not read what this one writes. 2: snapshots. 3: checksums of inline output. 4: what nodes offered.</summary>
    public const long Current = 4;

    public const string RaiseGeneration = "UPDATE meta SET value = value + 1 WHERE key = 'generation' RETURNING value";

    /// <exception cref="JournalFormatException">Of a newer akc.</exception>
    public static void Check(long format, string journal)
    {
        if (format is < 0 or > Current)
        {
            throw new JournalFormatException($"{journal} has format {format}, this akc knows {Current}: upgrade akc on this machine");
        }
    }
}

/// <summary>The journal cannot be read by this akc; the message says what to do.</summary>
internal sealed class JournalFormatException(string message, Exception? inner = null) : Exception(message, inner);
