using System.Security.Cryptography;
using AkkaCompute.ComputeNode.Hardware;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.ComputeNode.Work;

/// <summary>An attempt's result files on their way to the Lighthouse.</summary>
internal static class ResultUpload
{
    private static readonly string TooMuch = $"it left more than {Tree.TotalBytesMax >> 30} GiB of files: name those that count with --out";

    /// <returns>The digest of the tree of all of them.</returns>
    /// <exception cref="IOException">The Lighthouse can't take them, or one can't be read; the message is for people.</exception>
    public static async Task<string> SendAsync(ILighthouse lighthouse, IReadOnlyList<(string Name, FileInfo File)> results, CancellationToken cancel)
    {
        if (results.Count > Tree.FilesMax)
        {
            throw new IOException($"it left more than {Tree.FilesMax} files: pack them into an archive, or name those that count with --out");
        }

        if (results.Sum(result => result.File.Length) > Tree.TotalBytesMax)
        {
            throw new IOException(TooMuch); // before anything is read or sent
        }

        var files = new List<TreeFile>();
        var pieces = new Dictionary<string, Piece>(StringComparer.Ordinal);
        foreach (var (name, file) in results)
        {
            files.Add(await HashAsync(name, file, pieces, cancel));
        }

        foreach (var digest in await lighthouse.MissingBlobsAsync([.. pieces.Keys], cancel))
        {
            if (pieces.TryGetValue(digest, out var piece)) // else nobody asked for it
            {
                await lighthouse.UploadBlobAsync(digest, () => Open(piece), cancel);
            }
        }

        if (files.Sum(file => file.Bytes) > Tree.TotalBytesMax)
        {
            throw new IOException(TooMuch); // one grew meanwhile
        }

        var tree = new Tree(files).ToBytes();
        var treeDigest = Digest.Of(tree);
        await lighthouse.UploadBlobAsync(treeDigest, () => new MemoryStream(tree), cancel);
        return treeDigest;
    }

    private static async Task<TreeFile> HashAsync(string name, FileInfo file, Dictionary<string, Piece> pieces, CancellationToken cancel)
    {
        await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var buffer = new byte[(int)Math.Min(Tree.BlobBytesMax, Math.Max(1, stream.Length))];
        var blobs = new List<string>();
        long offset = 0;
        for (int read; (read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel)) > 0; offset += read)
        {
            var digest = Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, read)));
            blobs.Add(digest);
            pieces[digest] = new Piece(file.FullName, offset, read);
        }

        return new TreeFile(name, offset, !OperatingSystem.IsWindows() && ProgramPath.IsExecutable(file.FullName), blobs);
    }

    private static MemoryStream Open(Piece piece)
    {
        using var stream = new FileStream(piece.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = piece.Offset;
        var bytes = new byte[piece.Bytes];
        stream.ReadExactly(bytes);
        return new MemoryStream(bytes);
    }

    private sealed record Piece(string File, long Offset, int Bytes);
}
