namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>Programs of this machine, as a PATH names them.</summary>
internal static class ProgramPath
{
    private static readonly string[] Extensions = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat"] : [""];

    /// <summary>The first executable of that name, or null. A folder that is relative to wherever somebody is does not count.</summary>
    public static string? Find(string program, string? path) =>
        (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted)
            .SelectMany(folder => Extensions.Select(extension => Path.Combine(folder, program + extension)))
            .FirstOrDefault(IsExecutable);

    /// <summary>Whether it is a file that may be run; one that can't be looked at is none.</summary>
    public static bool IsExecutable(string file)
    {
        try
        {
            return File.Exists(file)
                && (OperatingSystem.IsWindows()
                    || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
