namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>
/// What can be imported by the python3 that tasks find: <c>python:scikit-learn=1.2.1</c> for each distribution, by its normalised
/// name (PEP 503), and <c>python:sklearn=1.2.1</c> for each of its top-level modules, as a script writes it.
/// </summary>
internal static class PythonLabels
{
    public const string Prefix = "python:";

    /// <summary>A full Anaconda has 600 distributions; the offer with all labels must stay far below one message of the link.</summary>
    public const int CountMax = 2000;

    private const int NameLengthMax = 100;
    private const int VersionLengthMax = 40;

    /// <summary>
    /// For Python 3.8 and later. Modules come from top_level.txt (setuptools, Debian), else from the list of installed files;
    /// importlib.metadata.packages_distributions would do the same, but only from 3.11 on.
    /// </summary>
    private const string Script = """
        import re
        from importlib import metadata
        for d in metadata.distributions():
            try:
                name, version = d.metadata['Name'], d.version or ''
                if not name:
                    continue
                print('d', name, version, sep='\t')
                tops = (d.read_text('top_level.txt') or '').split()
                if not tops:
                    for f in d.files or []:
                        top = f.parts[0] if len(f.parts) > 1 else f.stem.split('.')[0]
                        if f.suffix in ('.py', '.so', '.pyd') and top not in tops:
                            tops.append(top)
                for top in tops:
                    print('m', top, version, sep='\t')
            except Exception:
                pass
        """;

    public static async Task<IReadOnlyDictionary<string, string>> ProbeAsync(ProgramProbe probe, CancellationToken cancel) =>
        probe.Find("python3") is { } python && await probe.AskAsync(python, ["-c", Script], cancel) is { } answer
            ? Parse(answer)
            : new Dictionary<string, string>();

    /// <summary>Lines <c>d NAME VERSION</c> and <c>m MODULE VERSION</c>, tab-separated. The first wins: it is first on sys.path.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string answer)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in answer.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.TrimEnd('\r').Split('\t') is not [var kind, var name, var version] || !IsName(name))
            {
                continue;
            }

            if (labels.Count >= CountMax)
            {
                break;
            }

            var label = Prefix + (kind == "d" ? Normalised(name) : name);
            labels.TryAdd(label, version.Length <= VersionLengthMax && version.All(c => c is > ' ' and <= '~') ? version : "");
        }

        return labels;
    }

    /// <summary>PEP 503: lower case, runs of '-', '_' and '.' are one '-'.</summary>
    public static string Normalised(string name) =>
        string.Join('-', name.ToLowerInvariant().Split(['-', '_', '.'], StringSplitOptions.RemoveEmptyEntries));

    private static bool IsName(string name) =>
        name.Length is > 0 and <= NameLengthMax && name[0] != '_' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
