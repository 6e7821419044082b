using System.Diagnostics;
using AkkaCompute.ComputeNode.Hardware;
using AkkaCompute.ComputeNode.Owner;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.ComputeNode.Sandbox;

/// <summary>How guests' tasks are kept apart on this node.</summary>
/// <param name="Kind"><c>bubblewrap</c> or <c>unsandboxed</c>.</param>
/// <param name="Program">bwrap's path, or null.</param>
/// <param name="TaskPath">PATH as tasks see it.</param>
/// <param name="Hidden">Folders that a sandboxed task finds empty.</param>
internal sealed record SandboxChoice(string Kind, string? Program, string TaskPath, IReadOnlyList<string> Hidden)
{
    public const string Bubblewrap = "bubblewrap";
    public const string Unsandboxed = "unsandboxed";

    /// <summary>Where a sandboxed task sees its work directory.</summary>
    public const string WorkFolderInside = "/tmp/work";

    private static readonly string[] SystemPath = ["/usr/local/bin", "/usr/bin", "/bin"];

    /// <summary>A folder among the hidden ones that the owner shows to tasks by naming it; null when there is none.</summary>
    public string? Shown { get; init; }

    /// <param name="keeperFolder">Where akc itself lies: it must stay visible, for built-in tasks.</param>
    /// <exception cref="NoSandboxException">There is none, and the owner does not trust guests.</exception>
    /// <exception cref="NodeStartException">There is no Blender where the owner says.</exception>
    public static async Task<SandboxChoice> ChooseAsync(Home home, NodeMembership own, CancellationToken cancel)
    {
        var blender = NamedBlender();
        if (own.Sandbox != "plain" && OperatingSystem.IsLinux() && ProgramPath.Find("bwrap", Environment.GetEnvironmentVariable("PATH")) is { } program)
        {
            var hidden = HiddenFolders(home);
            var path = TaskPathOf(blender, PathFolders().Where(f => !IsHidden(f, hidden)).Concat(SystemPath).Distinct(StringComparer.Ordinal));
            var choice = new SandboxChoice(Bubblewrap, program, path, hidden) { Shown = blender is not null && IsHidden(blender, hidden) ? Showable(blender, home, hidden) : null };
            if (await choice.WorksAsync(home, cancel))
            {
                return choice;
            }
        }

        if (own.Sandbox == Bubblewrap || !own.TrustGuests)
        {
            throw new NoSandboxException("no sandbox works here: install bubblewrap, or lend anyway with --trust-guests");
        }

        return new SandboxChoice(Unsandboxed, null, TaskPathOf(blender, PathFolders()), []);
    }

    public static bool IsUnder(string path, string folder) =>
        path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>Whether a task finds nothing there, but for what is shown to it on purpose.</summary>
    public bool Hides(string path) => IsHidden(path, Hidden);

    /// <summary>A Blender that the owner named comes first, one at a usual place last, where the others have none.</summary>
    private static string TaskPathOf(string? blender, IEnumerable<string> folders)
    {
        var path = string.Join(Path.PathSeparator, blender is null ? folders : folders.Prepend(blender));
        return ProgramPath.Find("blender", path) is null && BlenderPlace.Search(BlenderPlace.UsualPlaces) is { } found ? path + Path.PathSeparator + found : path;
    }

    private static string? NamedBlender()
    {
        try
        {
            return BlenderPlace.Named(Environment.GetEnvironmentVariable(BlenderPlace.Variable));
        }
        catch (FileNotFoundException e)
        {
            throw new NodeStartException(e.Message, e);
        }
    }

    /// <summary>What is shown is shown whole: a folder with nothing but Blender in it, never one that holds somebody's files.</summary>
    private static string Showable(string folder, Home home, List<string> hidden)
    {
        var foreign = BlenderPlace.Foreign(folder);
        return foreign is null && BlenderPlace.IsDownload(folder) && !IsUnder(home.Root, folder) && !hidden.Exists(h => IsUnder(h, folder))
            ? folder
            : throw new NodeStartException(
                $"{BlenderPlace.Variable} leads to {folder}, which tasks don't see and which is more than Blender's own folder{(foreign is null ? "" : $" ({TreePath.Printable(foreign)} is none of its files)")}: "
                + "unpack its download to a folder of its own, such as /opt/blender-4.2");
    }

    private static bool IsHidden(string path, IReadOnlyList<string> hidden) => IsUnder(path, "/tmp") || hidden.Any(h => IsUnder(path, h));

    private static IEnumerable<string> PathFolders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted);

    private static List<string> HiddenFolders(Home home)
    {
        var hidden = new List<string>();

        // /run: a socket there (of a desktop's session bus, of docker) leads out of any sandbox.
        foreach (var named in new[] { "/home", "/root", "/run", "/var/run", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), home.Root })
        {
            // The folder that a link leads to. Under /tmp everything is hidden anyway; a folder under another hidden one is gone with it.
            var folder = named.Length > 1 && Directory.Exists(named) ? new DirectoryInfo(named).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? named : named;
            if (folder.Length > 1 && Directory.Exists(folder) && !IsUnder(folder, "/tmp") && !hidden.Exists(h => IsUnder(folder, h)))
            {
                hidden.Add(folder);
            }
        }

        return hidden;
    }

    private async Task<bool> WorksAsync(Home home, CancellationToken cancel)
    {
        Home.MakePrivate(home.WorkFolder);
        var command = BubblewrapLine.Of(this, home.WorkFolder, ["/bin/true"], [], withGpus: false, []);
        using var process = Process.Start(
            new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false });
        if (process is null)
        {
            return false;
        }

        await process.WaitForExitAsync(cancel);
        return process.ExitCode == 0;
    }
}
