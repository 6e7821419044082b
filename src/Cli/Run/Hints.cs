using System.Text.RegularExpressions;
using AkkaCompute.Cli.Output;

namespace AkkaCompute.Cli.Run;

/// <summary>What is probably not meant, said once on stderr.</summary>
internal static partial class Hints
{
    /// <summary>Files of the system are on the node too.</summary>
    private static readonly string[] SystemFolders = ["/bin/", "/dev/", "/etc/", "/lib/", "/proc/", "/sbin/", "/sys/", "/usr/"];

    /// <summary>Arguments that name a local file which the task won't find.</summary>
    public static void FilesNotSent(IEnumerable<string> arguments, InputFiles inputs)
    {
        foreach (var argument in arguments.Distinct())
        {
            if (!File.Exists(argument) || inputs.Has(argument) || SystemFolders.Any(system => argument.StartsWith(system, StringComparison.Ordinal)))
            {
                continue;
            }

            var name = inputs.NameOf(Path.GetFullPath(argument));
            if (name is null)
            {
                Notes.Say($"{argument} is a file here but is not sent; add -f {argument}");
            }
            else if (Path.IsPathRooted(argument) || argument.Split('/').Contains("..") || name != InputFile.LandingName(argument))
            {
                Notes.Say($"{argument} is sent as {name}: use that name in the arguments");
            }
        }
    }

    /// <summary>After a ModuleNotFoundError of a module that lies beside the script and was not sent; null otherwise.</summary>
    public static string? MissingSibling(string stderr, string script, InputFiles inputs)
    {
        if (MissingModule(stderr) is not { } module)
        {
            return null;
        }

        var folder = Path.GetDirectoryName(script)!;
        var isHere = File.Exists(Path.Combine(folder, module + ".py")) || Directory.Exists(Path.Combine(folder, module));
        var here = Path.GetRelativePath(".", folder);
        var isSent = inputs.Has(module + ".py") || inputs.All.Any(file => file.Name.StartsWith(module + "/", StringComparison.Ordinal));
        return isHere && !isSent ? $"{module} is beside {Path.GetFileName(script)} but is not sent; add --dir {here}" : null;
    }

    public static string? MissingModule(string stderr) => NoModule().Match(stderr) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"ModuleNotFoundError: No module named '(\w+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoModule();
}
