namespace AkkaCompute.ComputeNode.Sandbox;

/// <summary>
/// The command line of bwrap for one task, which gets the environment that bwrap itself is started with: as arguments the values
/// could be read by everyone on this computer. Only what would steer bwrap's own loader, outside the sandbox, is set inside.
/// </summary>
internal static class BubblewrapLine
{
    /// <summary>bwrap takes no more (MAX_ARGS in its bubblewrap.c).</summary>
    public const int ArgumentsMax = 9000;

    private static readonly string[] LoaderPrefixes =
        ["LD_", "GLIBC_", "GCONV_", "LOCPATH=", "NLSPATH=", "MALLOC_", "GETCONF_DIR=", "HOSTALIASES=", "RES_OPTIONS=", "LOCALDOMAIN=", "TZDIR=", "BASH_ENV=", "ENV="];

    /// <param name="environment">The task's, as <c>NAME=VALUE</c>.</param>
    /// <param name="visible">Folders to show read-only although they lie under a hidden one (akc itself, its runtime).</param>
    public static List<string> Of(
        SandboxChoice sandbox, string workFolder, IReadOnlyList<string> command, IReadOnlyList<string> environment, bool withGpus, IEnumerable<string> visible)
    {
        List<string> line =
        [
            sandbox.Program!, "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev",
            "--proc", "/proc", "--ro-bind-try", "/proc/sys", "/proc/sys", // whose files are a root node's to write, powers or not
            "--tmpfs", "/tmp", "--cap-drop", "ALL",
        ];
        foreach (var folder in sandbox.Hidden)
        {
            line.AddRange(["--tmpfs", folder]);
        }

        // Bound after the empty folders. None that holds one of them: that would show what was hidden.
        foreach (var folder in visible.Concat(sandbox.Shown is { } shown ? [shown] : Array.Empty<string>()).Where(v => !sandbox.Hidden.Any(h => SandboxChoice.IsUnder(h, v))).Where(sandbox.Hides))
        {
            line.AddRange(["--ro-bind", folder, folder]);
        }

        if (withGpus)
        {
            foreach (var device in Devices("nvidia*").Concat(Devices("dri")))
            {
                line.AddRange(["--dev-bind-try", device, device]);
            }
        }

        foreach (var variable in environment.Where(SteersLoader))
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            line.AddRange(["--setenv", variable[..equals], variable[(equals + 1)..]]);
        }

        line.AddRange(["--bind", workFolder, SandboxChoice.WorkFolderInside, "--chdir", SandboxChoice.WorkFolderInside, "--"]);
        line.AddRange(command);
        return line;
    }

    /// <summary>What bwrap itself may be started with of a task's environment.</summary>
    public static List<string> OwnEnvironment(IEnumerable<string> environment) => [.. environment.Where(variable => !SteersLoader(variable))];

    /// <summary>ld.so(8) and the C library's variables that name files or change how it behaves.</summary>
    private static bool SteersLoader(string variable) =>
        LoaderPrefixes.Any(prefix => variable.StartsWith(prefix, StringComparison.Ordinal));

    private static string[] Devices(string pattern) => Directory.GetFileSystemEntries("/dev", pattern);
}
