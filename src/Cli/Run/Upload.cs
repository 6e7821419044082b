using System.Security.Cryptography;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
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
    public static async Task<string?> SendAsync(PoolClient pool, IReadOnlyCollection<Outgoing> outgoing, CancellationToken cancel)
    {
        if (outgoing.Count == 0)
        {
            return null;
        }

        var files = new List<TreeFile>();
        var pieces = new Dictionary<string, Piece>(StringComparer.Ordinal);
        foreach (var file in outgoing)
        {
            files.Add(await HashAsync(file, pieces, cancel));
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

    private static async Task<TreeFile> HashAsync(Outgoing file, Dictionary<string, Piece> pieces, CancellationToken cancel)
    {
        try
        {
            await using var stream = file.Open();
            stream.Position = file.Offset;
            var left = file.Bytes ?? long.MaxValue;
            var blobs = new List<string>();
            var buffer = new byte[(int)Math.Min(Tree.BlobBytesMax, Math.Max(1, Math.Min(left, stream.Length)))];
            long sent = 0;
            for (int read; (read = await NextAsync((int)Math.Min(buffer.Length, left))) > 0; left -= read)
            {
                var digest = Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, read)));
                blobs.Add(digest);
                pieces[digest] = new Piece(file, file.Offset + sent, read);
                sent += read;
            }

            return file.Bytes is null || file.Bytes == sent ? new TreeFile(file.Name, sent, file.IsExecutable, blobs) : throw Changed(file);

            async Task<int> NextAsync(int most) => await stream.ReadAtLeastAsync(buffer.AsMemory(0, most), most, throwOnEndOfStream: false, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{file.Source} can't be read: {e.Message}", ExitCodes.Failed, e);
        }
    }

    private static async Task<byte[]> ReadAsync(Piece piece, string digest, CancellationToken cancel)
    {
        var bytes = new byte[piece.Bytes];
        try
        {
            await using var stream = piece.File.Open();
            stream.Position = piece.Offset;
            await stream.ReadExactlyAsync(bytes, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{piece.File.Source} can't be read: {e.Message}", ExitCodes.Failed, e);
        }

        return Digest.Of(bytes) == digest ? bytes : throw Changed(piece.File);
    }

    private static AkcException Changed(Outgoing file) => new($"{file.Source} changed while it was sent: run it again when it is whole");

    /// <param name="Offset">In what the file opens.</param>
    private sealed record Piece(Outgoing File, long Offset, int Bytes);
}
