namespace AkkaCompute.ComputeNode.Sandbox;

/// <summary>The command line of bwrap for one task.</summary>
internal static class BubblewrapLine
{
    /// <param name="environment">As <c>NAME=VALUE</c>; nothing else is set inside.</param>
    /// <param name="visible">Folders to show read-only although they lie under a hidden one (akc itself, its runtime).</param>
    public static List<string> Of(
        SandboxChoice sandbox, string workFolder, IReadOnlyList<string> command, IEnumerable<string> environment, bool withGpus,
        IEnumerable<string> visible)
    {
        List<string> line =
        [
            sandbox.Program!, "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev",
            "--proc", "/proc", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--clearenv",
        ];
        foreach (var folder in sandbox.Hidden)
        {
            line.AddRange(["--tmpfs", folder]);
        }

        foreach (var folder in visible.Where(v => SandboxChoice.IsUnder(v, "/tmp") || sandbox.Hidden.Any(h => SandboxChoice.IsUnder(v, h))))
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

        foreach (var variable in environment)
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            line.AddRange(["--setenv", variable[..equals], variable[(equals + 1)..]]);
        }

        line.AddRange(["--bind", workFolder, SandboxChoice.WorkFolderInside, "--chdir", SandboxChoice.WorkFolderInside, "--"]);
        line.AddRange(command);
        return line;
    }

    private static string[] Devices(string pattern) => Directory.GetFileSystemEntries("/dev", pattern);
}
