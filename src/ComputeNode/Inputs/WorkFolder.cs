using System.Diagnostics;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.ComputeNode.Inputs;

/// <summary>An attempt's own directory, see <see cref="WorkFolders"/>: filled with its inputs, compared with them at the end.</summary>
internal sealed class WorkFolder(string path)
{
    private readonly Dictionary<string, (long Bytes, DateTime Written)> inputs = new(StringComparer.Ordinal);

    public string Path => path;

    /// <exception cref="IOException">An input can't be had, or the disk is full.</exception>
    public async Task FillAsync(string? inputsDigest, BlobCache cache, CancellationToken cancel)
    {
        if (inputsDigest is null)
        {
            return;
        }

        foreach (var file in Tree.Parse(await cache.ReadAsync(inputsDigest, cancel)).Files)
        {
            await AddAsync(file, cache, cancel);
        }
    }

    /// <exception cref="IOException">It can't be had, is there already, or the disk is full.</exception>
    public Task AddAsync(TreeFile file, BlobCache cache, CancellationToken cancel) => AddAsync(file.Path, file.Executable, cancel, async into =>
    {
        foreach (var digest in file.Blobs)
        {
            await using var blob = File.OpenRead(await cache.FetchAsync(digest, cancel));
            if (blob.Length > file.Bytes - into.Position)
            {
                throw new IOException($"{TreePath.Printable(file.Path)} is larger than the list of inputs says: not taken");
            }

            await blob.CopyToAsync(into, cancel); // a copy: what a guest writes must not reach the cache
        }
    });

    /// <summary>An input that <paramref name="write"/> writes.</summary>
    /// <param name="name">A safe path, see <see cref="TreePath"/>.</param>
    /// <exception cref="IOException">It is there already, or the disk is full.</exception>
    public async Task AddAsync(string name, bool executable, CancellationToken cancel, Func<Stream, Task> write)
    {
        if (!TreePath.IsUsableHere(name))
        {
            throw new IOException($"{TreePath.Printable(name)} can't be a file's name on Windows: rename it with -f SRC:DST, or choose another node with -n");
        }

        var target = System.IO.Path.Combine(path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        await using (var into = new FileStream(target, FileMode.CreateNew, FileAccess.Write))
        {
            await write(into);
            await into.FlushAsync(cancel);
        }

        if (executable && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(target, File.GetUnixFileMode(target) | UnixFileMode.UserExecute);
        }

        var info = new FileInfo(target);
        inputs.Add(name, (info.Length, info.LastWriteTimeUtc));
    }

    /// <summary>Regular files that are new or changed, by relative path in ordinal order; links, devices and unsafe names are left out.</summary>
    /// <param name="leftOut">Gets those that would have been sent.</param>
    public IReadOnlyList<(string Name, FileInfo File)> Results(IReadOnlyList<string> globs, LeftOut leftOut)
    {
        var found = new List<(string Name, FileInfo File)>();
        var left = new Stack<DirectoryInfo>();
        left.Push(new DirectoryInfo(path));
        while (left.TryPop(out var folder))
        {
            try
            {
                Unlock(folder);
                foreach (var entry in folder.EnumerateFileSystemInfos())
                {
                    try
                    {
                        Look(entry, globs, left, found, leftOut);
                    }
                    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                    {
                        leftOut.Add(NameOf(entry), LeftOut.Closed);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                leftOut.Add(NameOf(folder), LeftOut.Closed);
            }
        }

        found.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        var results = new List<(string Name, FileInfo File)>();
        foreach (var result in found)
        {
            if (results is [.., var last] && last.Name == result.Name)
            {
                leftOut.Add(result.Name, LeftOut.NotUtf8); // it reads as the one before, which is found twice
            }
            else
            {
                results.Add(result);
            }
        }

        return results;
    }

    private void Look(
        FileSystemInfo entry, IReadOnlyList<string> globs, Stack<DirectoryInfo> left, List<(string Name, FileInfo File)> found, LeftOut leftOut)
    {
        var name = NameOf(entry);
        if (LeftOut.ReasonFor(name, entry) is { } reason)
        {
            if (LeftOut.HasMore(entry) || Globs.Match(globs, name))
            {
                leftOut.Add(name, reason);
            }
        }
        else if (entry is DirectoryInfo sub)
        {
            if (sub.Name != "__pycache__")
            {
                left.Push(sub);
            }
        }
        else if (entry is FileInfo file && IsChanged(name, file) && Globs.Match(globs, name))
        {
            if (found.Count > Tree.FilesMax)
            {
                return; // one too many tells that they can't be sent
            }

            if (!FileKind.IsRegular(file))
            {
                leftOut.Add(name, LeftOut.NoFile);
                return;
            }

            Unlock(file);
            found.Add((name, file));
        }
    }

    private string NameOf(FileSystemInfo entry) =>
        System.IO.Path.GetRelativePath(path, entry.FullName).Replace(System.IO.Path.DirectorySeparatorChar, '/');

    /// <summary>It is there, and there is nothing in it.</summary>
    public bool IsEmpty()
    {
        try
        {
            return inputs.Count == 0 && !Directory.EnumerateFileSystemEntries(path).Any();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // the task took it away, or closed it
        }
    }

    /// <summary>With everything in it: folders that a guest closed, or nested deeper than a path is long.</summary>
    /// <returns>False when something is left.</returns>
    public static bool Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The last is what .NET makes of a path that is too long for the system.
            return !OperatingSystem.IsWindows() && Run("chmod", "-R", "u+rwx", folder) && Run("rm", "-rf", "--", folder) && !Directory.Exists(folder);
        }
    }

    /// <summary>Programs of the system: they go down by descriptors, so no path gets too long.</summary>
    private static bool Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, UseShellExecute = false });
        process!.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 || command[0] == "chmod"; // a name that vanished meanwhile is no matter
    }

    /// <summary>A guest's files are the node's own: it may look into what the guest closed.</summary>
    private static void Unlock(FileSystemInfo entry)
    {
        var needed = entry is DirectoryInfo ? UnixFileMode.UserRead | UnixFileMode.UserExecute : UnixFileMode.UserRead;
        if (!OperatingSystem.IsWindows() && (entry.UnixFileMode & needed) != needed)
        {
            File.SetUnixFileMode(entry.FullName, entry.UnixFileMode | needed);
        }
    }

    private bool IsChanged(string name, FileInfo file) =>
        !inputs.TryGetValue(name, out var input) || input != (file.Length, file.LastWriteTimeUtc);
}
