using System.Text.RegularExpressions;

namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>Which interpreters and tools tasks find here: <c>python3=3.11.2</c>, or <c>sh=</c> where there is no version to ask for.</summary>
internal static partial class ToolLabels
{
    private const int VersionLengthMax = 40;

    /// <summary>Programs and how each tells its version; null is not asked. python3 is first: most jobs want it.</summary>
    private static readonly (string Name, string? Argument)[] Tools =
    [
        ("python3", "--version"), ("node", "--version"), ("Rscript", "--version"), ("perl", "--version"), ("ruby", "--version"),
        ("java", "-version"), ("gcc", "--version"), ("blender", "--version"), ("ffmpeg", "-version"), ("docker", "--version"),
        ("podman", "--version"), ("git", "--version"), ("bash", "--version"), ("sh", null), ("nvidia-smi", null),
    ];

    /// <summary>Every tool that can be a label.</summary>
    public static IReadOnlySet<string> Names { get; } = Tools.Select(tool => tool.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>What is on the path, without versions: costs a few file look-ups, so it is there from the first hello on.</summary>
    public static SortedDictionary<string, string> Find(ProgramProbe probe)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, _) in Tools.Where(tool => probe.Find(tool.Name) is not null))
        {
            labels[name] = "";
        }

        return labels;
    }

    /// <summary>
    /// Asks each found tool for its version, one after the other: a start must not take the owner's machine.
    /// One that can't even say that is no tool (a shim without its program) and loses its label.
    /// </summary>
    public static async Task AskVersionsAsync(ProgramProbe probe, SortedDictionary<string, string> labels, CancellationToken cancel)
    {
        foreach (var (name, argument) in Tools)
        {
            if (argument is null || probe.Find(name) is not { } file)
            {
                continue;
            }

            if (await probe.AskAsync(file, [argument], cancel) is { } answer)
            {
                labels[name] = VersionIn(answer);
            }
            else
            {
                labels.Remove(name);
            }
        }
    }

    /// <summary>The first number with a dot in it: they all print it before anything else of that kind.</summary>
    public static string VersionIn(string answer) =>
        Version().Match(answer) is { Success: true, Value: { Length: <= VersionLengthMax } version } ? version : "";

    [GeneratedRegex(@"\d+(\.\d+)+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
