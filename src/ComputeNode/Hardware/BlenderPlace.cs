using System.Globalization;
using System.Text.RegularExpressions;

namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>
/// Where Blender lies on this computer. Its downloads are a folder that people put somewhere, so it is looked for beyond PATH;
/// the folder joins the PATH of tasks, which then find it as any other program.
/// </summary>
internal static partial class BlenderPlace
{
    /// <summary>Set by an owner to the executable, or to the folder that it is in.</summary>
    public const string Variable = "AKC_BLENDER";

    private const string Program = "blender";
    private const int DigitsMax = 9;

    /// <summary>Folders, of which <c>*</c> in the last part stands for anything.</summary>
    public static IReadOnlyList<string> UsualPlaces =>
        OperatingSystem.IsWindows() ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "Blender Foundation", "Blender*")]
        : OperatingSystem.IsMacOS() ? ["/Applications/Blender*.app/Contents/MacOS"]
        : ["/opt/blender*", "/usr/local/blender*", "/usr/local/lib/blender*"];

    /// <summary>The folder that the owner named, behind all links; null when none was.</summary>
    /// <exception cref="FileNotFoundException">There is no Blender; the message is for people.</exception>
    public static string? Named(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        var file = Path.GetFullPath(Directory.Exists(value) ? Path.Combine(value, FileName) : value);
        file = File.Exists(file) ? new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file : file;
        return ProgramPath.IsExecutable(file) && Path.GetFileName(file).Equals(FileName, StringComparison.OrdinalIgnoreCase)
            ? Path.GetDirectoryName(file)
            : throw new FileNotFoundException($"{Variable} is {value}, and no executable {FileName} is there: name it, or its folder");
    }

    /// <summary>The folder with the newest of those at <paramref name="places"/>, by the numbers in their names; null when there is none.</summary>
    public static string? Search(IEnumerable<string> places) =>
        places.SelectMany(Matches).Where(folder => ProgramPath.IsExecutable(Path.Combine(folder, FileName))).OrderByDescending(Newness, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>It has Blender's own data beside it, as a download has: a folder named by the version.</summary>
    public static bool IsDownload(string folder) => Directory.GetDirectories(folder).Any(inner => Version().IsMatch(Path.GetFileName(inner)) && Directory.Exists(Path.Combine(inner, "scripts")));

    /// <summary>The first entry by name that no download of Blender has: somebody's own, in a folder that Blender was unpacked into. Null for none.</summary>
    public static string? Foreign(string folder) =>
        Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)).Where(name => !OfDownload().IsMatch(name)).Min(StringComparer.Ordinal);

    private static string FileName => OperatingSystem.IsWindows() ? Program + ".exe" : Program;

    /// <summary>The folders that a pattern names; the last part with a <c>*</c> may have parts behind it.</summary>
    private static IEnumerable<string> Matches(string pattern)
    {
        var parts = pattern.Split(Path.DirectorySeparatorChar);
        var star = Array.FindIndex(parts, part => part.Contains('*', StringComparison.Ordinal));
        var above = string.Join(Path.DirectorySeparatorChar, parts[..star]);
        try
        {
            return Directory.Exists(above)
                ? [.. Directory.GetDirectories(above, parts[star]).Select(found => Path.Combine([found, .. parts[(star + 1)..]]))]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Orders 4.10 behind 4.9; a name without a number is first.</summary>
    private static string Newness(string folder) =>
        string.Join('.', Number().Matches(folder).Select(number => number.Value.PadLeft(DigitsMax, '0'))) + " " + folder.Length.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\d{1,9}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();

    /// <summary>Blender's programs and pictures, its data by version, libraries and licenses: of its downloads since 2.7.</summary>
    [GeneratedRegex(
        @"^(blender([-_.].*)?(?<!\.blend\d*)|\d+\.\d+|lib|license|icons|locale|.*(license|copyright|readme).*\.(txt|html|md)|.*\.(dll|pdb|manifest))$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OfDownload();

    [GeneratedRegex(@"^\d+\.\d+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
