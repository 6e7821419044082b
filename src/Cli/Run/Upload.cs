using System.Security.Cryptography;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Cli.Run;

/// <summary>Brings a job's files to the Lighthouse: only the pieces that it lacks.</summary>
internal static class Upload
{
    /// <summary>Pieces on their way at once; each is in memory whole.</summary>
    private const int Parallel = 3;

    /// <summary>Digests of one question, see the Lighthouse's limit of a body.</summary>
    private const int DigestsMax = 20_000;

    /// <returns>The digest of their tree, or null when there are none.</returns>
    /// <exception cref="AkcException">A file can't be read or changed meanwhile, or the Lighthouse has no room.</exception>
    public static async Task<string?> SendAsync(PoolClient pool, InputFiles inputs, CancellationToken cancel)
    {
        if (inputs.All.Count == 0)
        {
            return null;
        }

        var files = new List<TreeFile>();
        var pieces = new Dictionary<string, Piece>(StringComparer.Ordinal);
        foreach (var input in inputs.All)
        {
            files.Add(await HashAsync(input, pieces, cancel));
        }

        var tree = new Tree(files).ToBytes();
        if (tree.Length > Tree.BytesMax)
        {
            throw new AkcException($"{files.Count} files with such long names are too many for one job: pack them into an archive");
        }

        var missing = new List<string>();
        foreach (var digests in pieces.Keys.Chunk(DigestsMax))
        {
            missing.AddRange(await pool.PostAsync(Routes.BlobsMissing, [.. digests], ProtocolJson.Default.ListString, ProtocolJson.Default.ListString, cancel));
        }

        missing.RemoveAll(digest => !pieces.ContainsKey(digest)); // nobody asked for those
        await Progress.RunAsync("sending", missing.Sum(digest => (long)pieces[digest].Bytes), async sent =>
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancel };
            await System.Threading.Tasks.Parallel.ForEachAsync(missing, options, async (digest, token) =>
            {
                var bytes = await ReadAsync(pieces[digest], digest, token);
                await pool.PutBlobAsync(digest, () => new MemoryStream(bytes), token);
                sent(bytes.Length);
            });
        });
        var treeDigest = Digest.Of(tree);
        await pool.PutBlobAsync(treeDigest, () => new MemoryStream(tree), cancel);
        return treeDigest;
    }

    private static async Task<TreeFile> HashAsync(InputFile input, Dictionary<string, Piece> pieces, CancellationToken cancel)
    {
        try
        {
            await using var stream = new FileStream(input.Source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var blobs = new List<string>();
            var buffer = new byte[(int)Math.Min(Tree.BlobBytesMax, Math.Max(1, stream.Length))];
            long offset = 0;
            for (int read; (read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel)) > 0; offset += read)
            {
                var digest = Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, read)));
                blobs.Add(digest);
                pieces[digest] = new Piece(input.Source, offset, read);
            }

            return new TreeFile(input.Name, offset, !OperatingSystem.IsWindows() && SandboxChoice.IsExecutable(input.Source), blobs);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{input.Source} can't be read: {e.Message}", ExitCodes.Failed, e);
        }
    }

    private static async Task<byte[]> ReadAsync(Piece piece, string digest, CancellationToken cancel)
    {
        var bytes = new byte[piece.Bytes];
        try
        {
            await using var stream = new FileStream(piece.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Position = piece.Offset;
            await stream.ReadExactlyAsync(bytes, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{piece.File} can't be read: {e.Message}", ExitCodes.Failed, e);
        }

        return Digest.Of(bytes) == digest ? bytes : throw new AkcException($"{piece.File} changed while it was sent: run it again when it is whole");
    }

    private sealed record Piece(string File, long Offset, int Bytes);
}
