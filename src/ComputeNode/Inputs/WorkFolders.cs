using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.ComputeNode.Inputs;

/// <summary>
/// Work directories for attempts, one each at a time. One that comes back as empty as it was made serves the next attempt: making
/// and removing a directory costs ext4 more than a short task does, since it looks for an inode that was not freed just now.
/// </summary>
/// <param name="root">Of this node's run alone: what an earlier one could not delete is not met again.</param>
internal sealed class WorkFolders(string root, Action<string> log)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Kept empty; more than run at once on most machines.</summary>
    private const int FreeMax = 64;

    private readonly Lock gate = new();
    private readonly Stack<string> free = new();
    private long made;

    /// <exception cref="IOException">The disk is full.</exception>
    public WorkFolder Take()
    {
        string path;
        lock (gate)
        {
            while (free.TryPop(out var empty))
            {
                if (Directory.Exists(empty))
                {
                    return new WorkFolder(empty);
                }
            }

            path = Path.Combine(root, $"{++made}");
        }

        Home.MakePrivate(path);
        return new WorkFolder(path);
    }

    /// <summary>Nothing of the attempt runs any more. Whatever it left is deleted.</summary>
    public void GiveBack(WorkFolder folder)
    {
        if (folder.IsEmpty() && IsAsMade(folder.Path))
        {
            lock (gate)
            {
                if (free.Count < FreeMax)
                {
                    free.Push(folder.Path);
                    return;
                }
            }
        }

        if (!WorkFolder.Delete(folder.Path))
        {
            log($"{folder.Path} can't be deleted: a task left something there");
        }
    }

    private static bool IsAsMade(string path)
    {
        var folder = new DirectoryInfo(path);
        return folder.LinkTarget is null && (OperatingSystem.IsWindows() || folder.UnixFileMode == Private);
    }
}
