using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Lighthouse.Journal.Sqlite;

/// <summary>What stands at a journal's path. SQLite would wait for good at a fifo, and take a folder for a full disk.</summary>
internal static class SqliteFile
{
    /// <summary>Null for a regular file or none.</summary>
    public static string? Complaint(string path)
    {
        try
        {
            var attributes = File.GetAttributes(path);
            return (attributes & FileAttributes.Directory) != 0 ? $"{path} is a folder and no journal: name the file in it, or move it away"
                : !FileKind.IsRegular(Target(path)) ? $"{path} is no regular file (a fifo, a socket or a device): move it away, and restore a backup"
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return $"{path} can't be looked at: {e.Message}";
        }
    }

    // A journal on another disk may well be linked here.
    private static FileInfo Target(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
}
