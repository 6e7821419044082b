using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Outputs;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Combine;

/// <summary>
/// What a combine works on: its own inputs, and of each task that succeeded the result files as <c>results/INDEX/...</c> and what it
/// printed to stdout as <c>results/INDEX.stdout</c>.
/// </summary>
internal sealed class GatheredTree(IViews views, IOutputStore outputs, IBlobStore blobs)
{
    public const string Folder = "results";

    private const int PageTasks = 1000;

    /// <returns>The digest of the tree, which is stored, or why there can be none.</returns>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public async Task<(string? Digest, string? Complaint)> StoreAsync(string jobId, string? inputsDigest, CancellationToken cancel)
    {
        try
        {
            var files = new List<TreeFile>();
            if (inputsDigest is not null)
            {
                // What lies there from an earlier run was sent with a whole folder: this one's results take its place.
                files.AddRange((await ReadAsync(inputsDigest, cancel)).Files.Where(file => !IsResult(file.Path)));
            }

            await AddResultsAsync(jobId, files, cancel);
            var bytes = new Tree(files).ToBytes();
            if (bytes.Length > Tree.BytesMax)
            {
                return (null, $"their list has more than {Tree.BytesMax >> 20} MiB: let each task leave fewer files");
            }

            Tree.Parse(bytes);
            return (await PutAsync(bytes, cancel), null);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            return (null, e.Message);
        }
    }

    private static bool IsResult(string path) => path == Folder || path.StartsWith(Folder + "/", StringComparison.Ordinal);

    private async Task AddResultsAsync(string jobId, List<TreeFile> files, CancellationToken cancel)
    {
        for (var first = 0; ;)
        {
            var tasks = await views.ResultsAsync(jobId, first, PageTasks, cancel);
            foreach (var task in tasks.Where(task => task.State == "succeeded"))
            {
                if (task.ResultsDigest is { } digest)
                {
                    files.AddRange((await ReadAsync(digest, cancel)).Files.Select(file => file with { Path = $"{Folder}/{task.Index}/{file.Path}" }));
                }

                if (await StdoutAsync(jobId, task, cancel) is { } printed)
                {
                    files.Add(printed);
                }

                if (files.Count > Tree.FilesMax)
                {
                    throw new FormatException($"they are more than {Tree.FilesMax} files: let each task leave fewer");
                }
            }

            if (tasks is not [.., var last])
            {
                return;
            }

            first = last.Index + 1;
        }
    }

    private async Task<TreeFile?> StdoutAsync(string jobId, TaskView task, CancellationToken cancel)
    {
        if (task.OutputBytes == 0)
        {
            return null;
        }

        var (pieces, total) = (new List<string>(), 0L);
        using var piece = new MemoryStream();
        await foreach (var segment in outputs.ReadAsync(jobId, new AttemptRef(task.Index, task.Attempt), 0, cancel, task.OutputBytes))
        {
            if (segment.Stream != 1)
            {
                continue;
            }

            if (piece.Length + segment.Bytes.Length > Tree.BlobBytesMax)
            {
                await EndAsync();
            }

            piece.Write(segment.Bytes.Span);
        }

        await EndAsync();
        return total == 0 ? null : new TreeFile($"{Folder}/{task.Index}.stdout", total, false, pieces);

        async Task EndAsync()
        {
            if (piece.Length > 0)
            {
                pieces.Add(await PutAsync(piece.ToArray(), cancel));
                total += piece.Length;
                piece.SetLength(0);
            }
        }
    }

    private async Task<Tree> ReadAsync(string digest, CancellationToken cancel)
    {
        await using var stored = blobs.Open(digest) ?? throw new InvalidDataException($"blob {digest} is missing: see 'akc journal check'");
        using var bytes = new MemoryStream();
        await stored.CopyToAsync(bytes, cancel);
        return Tree.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private async Task<string> PutAsync(byte[] bytes, CancellationToken cancel)
    {
        var digest = Digest.Of(bytes);
        if (!blobs.Has(digest))
        {
            await blobs.PutAsync(digest, new MemoryStream(bytes, writable: false), cancel);
        }

        return digest;
    }
}
