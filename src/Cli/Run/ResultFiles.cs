using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Cli.Run;

/// <summary>Brings a job's result files here. Nothing that differs is overwritten unless that was asked for; then nothing is written at all.</summary>
internal static class ResultFiles
{
    private const int Parallel = 4;
    private const int PageTasks = 1000;

    /// <summary>Their list is in memory.</summary>
    private const int FilesMax = 1_000_000;

    public static string DefaultFolder(string jobId) => Path.Combine("results", jobId);

    /// <returns>The paths of all files, those that were there already too.</returns>
    /// <exception cref="AkcException">One is there and differs, the disk is full, or the Lighthouse is gone.</exception>
    public static async Task<IReadOnlyList<string>> FetchAsync(PoolClient pool, JobView job, string folder, bool force, CancellationToken cancel)
    {
        var wanted = await PlanAsync(pool, job, folder, cancel);
        var missing = new List<(string Target, TreeFile File)>();
        foreach (var (target, file) in wanted)
        {
            if (!await IsThereAsync(target, file, cancel))
            {
                if (!force && InTheWay(target) is { } other)
                {
                    throw new AkcException(
                        $"{other} is there already and differs: nothing was written; 'akc fetch {job.Id} DIR' writes elsewhere, --force overwrites", ExitCodes.Conflict);
                }

                missing.Add((target, file));
            }
        }

        await Progress.RunAsync("fetching", missing.Sum(m => m.File.Bytes), async got =>
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancel };
            await System.Threading.Tasks.Parallel.ForEachAsync(missing, options, async (item, token) => await WriteAsync(pool, item.Target, item.File, force, got, token));
        });
        return [.. wanted.Select(w => w.Target)];
    }

    private static async Task<List<(string Target, TreeFile File)>> PlanAsync(PoolClient pool, JobView job, string folder, CancellationToken cancel)
    {
        var wanted = new List<(string, TreeFile)>();
        for (var first = 0; first < job.Tasks; first += PageTasks)
        {
            var tasks = await pool.GetAsync($"{Routes.Tasks(job.Id)}?first={first}&count={PageTasks}", ProtocolJson.Default.ListTaskView, cancel);
            foreach (var task in tasks.Where(task => task.ResultsDigest is not null))
            {
                var bytes = await BlobAsync(pool, task.ResultsDigest!, cancel);
                var place = job.IsSingle ? folder : Path.Combine(folder, $"{task.Index}");
                if (wanted.Count > FilesMax)
                {
                    throw new AkcException($"job {job.Id} left more than {FilesMax} files: too many to be fetched at once");
                }

                wanted.AddRange(Parse(bytes).Files.Select(file => (Path.Combine(place, file.Path.Replace('/', Path.DirectorySeparatorChar)), file)));
            }
        }

        return wanted;
    }

    private static Tree Parse(byte[] bytes)
    {
        try
        {
            var tree = Tree.Parse(bytes);
            return !OperatingSystem.IsWindows() || tree.Files.FirstOrDefault(file => !TreePath.IsUsableOnWindows(file.Path)) is not { } odd
                ? tree
                : throw new FormatException($"{TreePath.Printable(odd.Path)} can't be a file's name on Windows");
        }
        catch (FormatException e)
        {
            throw new AkcException($"the list of result files can't be used: {e.Message}", ExitCodes.Failed, e);
        }
    }

    /// <summary>What stands where <paramref name="target"/> or a folder of it must, or null.</summary>
    private static string? InTheWay(string target)
    {
        if (File.Exists(target) || Directory.Exists(target))
        {
            return target;
        }

        var folder = Path.GetDirectoryName(target);
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
        var part = Path.Combine(Path.GetDirectoryName(target) ?? "", $".{Ids.New()}.akc-part"); // a name as long as it may be leaves no room behind it
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

    private static void Drop(string part)
    {
        if (File.Exists(part)) // else its folder may not be there either
        {
            File.Delete(part);
        }
    }

    private static async Task<byte[]> BlobAsync(PoolClient pool, string digest, CancellationToken cancel)
    {
        var bytes = await pool.GetBlobAsync(digest, Tree.BytesMax, cancel);
        return Digest.Of(bytes) == digest ? bytes : throw new AkcException($"the Lighthouse sent other bytes than those of {digest}: its store is damaged");
    }
}
