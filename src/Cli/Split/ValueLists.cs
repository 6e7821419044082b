using System.Globalization;
using System.Text;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Split;

/// <summary>Lists of values, from the words of a command line, from files, or from stdin.</summary>
internal static class ValueLists
{
    /// <summary>Begins a further list.</summary>
    public const string Separator = ":::";

    /// <summary>Of all lists together: a node holds them while it works for the job.</summary>
    public const int ValuesMax = 1_000_000;

    /// <summary>A longer line hardly is a value: something else than a list was named.</summary>
    private const int ValueLengthMax = 100_000;

    /// <returns>First the words before the first <c>:::</c>, then a list a file, then one for each <c>:::</c>; stdin where nothing was said.</returns>
    public static async Task<IReadOnlyList<IReadOnlyList<string>>> ReadAsync(IReadOnlyList<string> words, IReadOnlyList<string> files, CancellationToken cancel)
    {
        var typed = Split(words);
        var lists = new List<IReadOnlyList<string>>();
        if (typed[0].Count > 0)
        {
            lists.Add(typed[0]);
        }

        if (files.Count(file => file == "-") > 1)
        {
            throw new AkcException("stdin can be read once: write '-a -' a single time", ExitCodes.Usage);
        }

        foreach (var file in files.Count == 0 && words.Count == 0 ? ["-"] : files)
        {
            lists.Add(await ReadFileAsync(file, isAsked: files.Count > 0, cancel));
        }

        for (var i = 1; i < typed.Count; i++)
        {
            lists.Add(typed[i].Count > 0 ? typed[i] : throw new AkcException($"there is no value behind '{Separator}' {i}", ExitCodes.Usage));
        }

        return lists.Count > ListItems.ListsMax ? throw new AkcException($"{lists.Count} lists are more than the {ListItems.ListsMax} of one job", ExitCodes.Usage)
            : lists.Sum(list => (long)list.Count) > ValuesMax ? throw TooMany()
            : lists;
    }

    /// <summary>For a hint: it has a folder or an extension, and is neither an address nor a number.</summary>
    public static bool LooksLikeFile(string value) =>
        (value.Contains('/', StringComparison.Ordinal) || Path.GetExtension(value).Length > 1)
        && !value.Contains("://", StringComparison.Ordinal)
        && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static List<List<string>> Split(IReadOnlyList<string> words)
    {
        List<List<string>> lists = [[]];
        foreach (var word in words)
        {
            if (word == Separator)
            {
                lists.Add([]);
            }
            else
            {
                lists[^1].Add(word);
            }
        }

        return lists;
    }

    private static async Task<List<string>> ReadFileAsync(string file, bool isAsked, CancellationToken cancel)
    {
        if (file == "-" && !isAsked && !Console.IsInputRedirected)
        {
            throw new AkcException("say what to map: files or values, -a FILE, --range A..B or --rows FILE", ExitCodes.Usage);
        }

        var values = new List<string>();
        try
        {
            await using var stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            using var reader = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true)); // the first has it know, and leave out, a mark of UTF-8
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                if (line.Length > ValueLengthMax || line.Contains('\0', StringComparison.Ordinal))
                {
                    throw new AkcException($"{Named(file)} is no list of values: line {values.Count + 1} has a NUL, or more than {ValueLengthMax} characters");
                }

                if (line.Length > 0)
                {
                    values.Add(line);
                }

                if (values.Count > ValuesMax)
                {
                    throw TooMany();
                }
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new AkcException($"{Named(file)} is not UTF-8, and its values would not arrive as they are: 'iconv -t utf-8' makes it so", ExitCodes.Failed, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException(
                Directory.Exists(file) ? $"-a {file} is a directory: it takes a file with a value a line"
                : File.Exists(file) ? $"{file} can't be read: {e.Message}"
                : $"there is no file {file} here", Directory.Exists(file) ? ExitCodes.Usage : ExitCodes.Failed, e);
        }

        return values.Count > 0 ? values : throw new AkcException($"{Named(file)} has no values{(isAsked ? "" : ": say what to map, files or values, -a FILE, --range A..B or --rows FILE")}",
            file == "-" ? ExitCodes.Usage : ExitCodes.Failed);
    }

    private static string Named(string file) => file == "-" ? "stdin" : file;

    private static AkcException TooMany() => new($"more than {ValuesMax} values: 'akc array N' with a file of them, or --range, has no such limit");
}
