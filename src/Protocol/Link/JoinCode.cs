using System.Security.Cryptography;

namespace AkkaCompute.Protocol.Link;

/// <summary>Six words of a list of 2,048: 66 bits that a person can say on the phone.</summary>
public static class JoinCode
{
    public const int WordCount = 6;

    private const int ShownLengthMax = 40;

    private static readonly Lazy<string[]> List = new(Load);

    public static IReadOnlyList<string> Words => List.Value;

    public static string New() =>
        string.Join('-', Enumerable.Range(0, WordCount).Select(_ => List.Value[RandomNumberGenerator.GetInt32(List.Value.Length)]));

    /// <summary>Lower case, words separated by one '-'; spaces, commas, underscores and repeated separators are forgiven.</summary>
    public static string Normalize(string text) =>
        string.Join('-', text.ToLowerInvariant().Split([' ', '-', '_', ',', '.', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Null when <paramref name="text"/> can be a code; otherwise one line that says what is wrong with it.</summary>
    public static string? Complaint(string text)
    {
        var words = Normalize(text).Split('-', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != WordCount)
        {
            return $"a code has {WordCount} words, this has {words.Length}";
        }

        var unknown = words.FirstOrDefault(w => Array.BinarySearch(List.Value, w, StringComparer.Ordinal) < 0);
        if (unknown is null)
        {
            return null;
        }

        var near = List.Value.FirstOrDefault(w => Distance(w, unknown) <= 1);
        var shown = Printable.Line(unknown, ShownLengthMax, '?');
        return near is null ? $"'{shown}' is not a word of a code" : $"'{shown}' is not a word of a code; did you mean '{near}'?";
    }

    private static string[] Load()
    {
        using var stream = typeof(JoinCode).Assembly.GetManifestResourceStream("AkkaCompute.Protocol.Link.words.txt")
            ?? throw new InvalidOperationException("the list of words is not in the assembly");
        using var reader = new StreamReader(stream);
        var words = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Array.Sort(words, StringComparer.Ordinal);
        return words.Length == 2048 ? words : throw new InvalidOperationException($"the list of words has {words.Length}, not 2048");
    }

    /// <summary>Levenshtein's, for words of a few letters.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 1)
        {
            return 2;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
