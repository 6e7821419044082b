namespace AkkaCompute.Cli.Run;

/// <summary>A file that is made here of result files: beside its place until it is whole, then kept or dropped.</summary>
internal sealed class PartFile(string job, string target) : IDisposable
{
    private const int CompareBytes = 64 * 1024;

    /// <summary>Where it is written.</summary>
    public string Path { get; } = ResultFiles.PartBeside(target);

    /// <exception cref="AkcException">Something stands where it belongs that can't be the same.</exception>
    public void CheckPlace(bool force)
    {
        ResultFiles.CheckPlace(job, target, force || File.Exists(target)); // one that is there may be the same
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(target))!);
    }

    /// <exception cref="AkcException">What is at its place differs.</exception>
    public async Task CheckSameAsync(bool force, CancellationToken cancel)
    {
        if (!force && File.Exists(target) && !await AreSameAsync(Path, target, cancel))
        {
            throw ResultFiles.Differs(job, target);
        }
    }

    /// <summary>Puts it to its place.</summary>
    /// <exception cref="AkcException">That can't be written.</exception>
    public void Keep(bool force)
    {
        try
        {
            if (force || !File.Exists(target)) // else it is the same
            {
                File.Move(Path, target, overwrite: force);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    public AkcException Unwritable(Exception e) => new($"{target} can't be written: {e.Message}", ExitCodes.Disk, e);

    public void Dispose() => ResultFiles.Drop(Path);

    private static async Task<bool> AreSameAsync(string one, string other, CancellationToken cancel)
    {
        await using var a = File.OpenRead(one);
        await using var b = File.OpenRead(other);
        if (a.Length != b.Length)
        {
            return false;
        }

        var (left, right) = (new byte[CompareBytes], new byte[CompareBytes]);
        for (int read; (read = await a.ReadAtLeastAsync(left, CompareBytes, throwOnEndOfStream: false, cancel)) > 0;)
        {
            if (await b.ReadAtLeastAsync(right.AsMemory(0, read), read, throwOnEndOfStream: false, cancel) != read || !left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, read)))
            {
                return false;
            }
        }

        return true;
    }
}
