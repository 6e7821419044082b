using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Render;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Cli.Run;

/// <summary>Brings a job's result files here. Nothing that differs is overwritten unless that was asked for; then nothing is written at all.</summary>
internal static class ResultFiles
{
    private const int Parallel = 4;

    public static string DefaultFolder(string jobId) => Path.Combine("results", jobId);

    /// <returns>The paths of all files, those that were there already too.</returns>
    /// <exception cref="AkcException">One is there and differs, the disk is full, or the Lighthouse is gone.</exception>
    public static async Task<IReadOnlyList<string>> FetchAsync(PoolClient pool, JobView job, string folder, bool force, CancellationToken cancel)
    {
        var plan = await ResultPlan.OfAsync(pool, job, folder, cancel);
        using var joined = plan.Joined is null ? null : await JoinedRows.WriteAsync(pool, plan, force, cancel);
        if (joined is { OddTask: { } odd })
        {
            plan.LeaveApart($"its header in task {odd} is another than in those before");
        }

        using var merged = plan.Picture is null ? null : await MergedTiles.WriteAsync(pool, plan, force, cancel);
        if (merged is { Complaint: { } complaint })
        {
            plan.LeaveTiles(complaint);
        }

        var missing = new List<(string Target, TreeFile File)>();
        foreach (var (target, file) in plan.Files)
        {
            if (!await IsThereAsync(target, file, cancel))
            {
                CheckPlace(job.Id, target, force);
                missing.Add((target, file));
            }
        }

        await Progress.RunAsync("fetching", missing.Sum(m => m.File.Bytes), async got =>
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancel };
            await System.Threading.Tasks.Parallel.ForEachAsync(missing, options, async (item, token) => await WriteAsync(pool, item.Target, item.File, force, got, token));
        });
        joined?.Keep(force);
        merged?.Keep(force);
        foreach (var note in plan.Notes)
        {
            Notes.Say(note);
        }

        return [.. plan.Files.Select(w => w.Target), .. new[] { plan.Joined, plan.Picture }.OfType<string>()];
    }

    public static AkcException Differs(string job, string path) => new(
        $"{path} is there already and differs: nothing was written; 'akc fetch {job} DIR' writes elsewhere, --force overwrites", ExitCodes.Conflict);

    public static async Task<byte[]> BlobAsync(PoolClient pool, string digest, CancellationToken cancel)
    {
        var bytes = await pool.GetBlobAsync(digest, Tree.BytesMax, cancel);
        return Digest.Of(bytes) == digest ? bytes : throw new AkcException($"the Lighthouse sent other bytes than those of {digest}: its store is damaged");
    }

    /// <summary>Whether a file can be put there.</summary>
    /// <param name="force">A file that is there gives way; a directory never does, nor a file where a directory must be.</param>
    /// <exception cref="AkcException">Something stands there.</exception>
    public static void CheckPlace(string job, string target, bool force)
    {
        if (Directory.Exists(target))
        {
            throw new AkcException($"{target} is a directory here, and a file of the job: nothing was written; 'akc fetch {job} DIR' writes elsewhere", ExitCodes.Conflict);
        }

        if (File.Exists(target) ? !force : FileAbove(target) is not null)
        {
            throw FileAbove(target) is { } above
                ? new AkcException($"{above} is a file here, and a directory of the job's files: nothing was written; 'akc fetch {job} DIR' writes elsewhere", ExitCodes.Conflict)
                : Differs(job, target);
        }
    }

    /// <summary>Whether result files can be put into <paramref name="folder"/>, which need not be there.</summary>
    /// <param name="said">What named it.</param>
    /// <exception cref="AkcException">They can't.</exception>
    public static void CheckFolder(string folder, string said)
    {
        if (folder.Length == 0)
        {
            throw new AkcException($"{said} is empty: an unset variable, perhaps", ExitCodes.Usage);
        }

        folder = Path.TrimEndingDirectorySeparator(folder);
        if ((File.Exists(folder) ? folder : FileAbove(folder)) is { } file)
        {
            throw new AkcException($"{file} is a file: {said} names a directory for the result files", ExitCodes.Usage);
        }

        var there = Path.GetFullPath(folder);
        while (!Directory.Exists(there))
        {
            there = Path.GetDirectoryName(there)!; // the root is always there
        }

        var trial = PartBeside(Path.Combine(there, "trial"));
        try
        {
            File.Create(trial, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"nothing can be written into {there}: {said} names another directory for the result files", ExitCodes.Disk, e);
        }
    }

    /// <summary>A file where a folder above <paramref name="path"/> must be, or null.</summary>
    private static string? FileAbove(string path)
    {
        var folder = Path.GetDirectoryName(path);
        while (!string.IsNullOrEmpty(folder) && !Directory.Exists(folder))
        {
            if (File.Exists(folder))
            {
                return folder;
            }

            folder = Path.GetDirectoryName(folder);
        }

        return null;
    }

    private static async Task<bool> IsThereAsync(string target, TreeFile file, CancellationToken cancel)
    {
        var info = new FileInfo(target);
        if (!info.Exists || info.Length != file.Bytes)
        {
            return false;
        }

        await using var stream = info.OpenRead();
        var buffer = new byte[(int)Math.Min(Tree.BlobBytesMax, Math.Max(1, file.Bytes))];
        foreach (var blob in file.Blobs)
        {
            var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
            if (Digest.Of(buffer.AsSpan(0, read)) != blob)
            {
                return false;
            }
        }

        return stream.Position == file.Bytes;
    }

    /// <summary>Whole or not at all: written beside its place, then moved there.</summary>
    private static async Task WriteAsync(PoolClient pool, string target, TreeFile file, bool force, Action<long> got, CancellationToken cancel)
    {
        var part = PartBeside(target);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
            await using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write))
            {
                foreach (var digest in file.Blobs)
                {
                    var bytes = await BlobAsync(pool, digest, cancel);
                    await stream.WriteAsync(bytes, cancel);
                    got(bytes.Length);
                }
            }

            if (file.Executable && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(part, File.GetUnixFileMode(part) | UnixFileMode.UserExecute);
            }

            File.Move(part, target, overwrite: force);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Drop(part);
            throw new AkcException($"{target} can't be written: {e.Message}", ExitCodes.Disk, e);
        }
        catch
        {
            Drop(part);
            throw;
        }
    }

    /// <summary>Where a file stands until it is whole: a name as long as it may be leaves no room behind it.</summary>
    public static string PartBeside(string target) => Path.Combine(Path.GetDirectoryName(target) ?? "", $".{Ids.New()}.akc-part");

    public static void Drop(string part)
    {
        if (File.Exists(part)) // else its folder may not be there either
        {
            File.Delete(part);
        }
    }
}
