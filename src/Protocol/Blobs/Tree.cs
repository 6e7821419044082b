using System.Security.Cryptography;
using System.Text.Json;

namespace AkkaCompute.Protocol.Blobs;

/// <summary>A blob is immutable bytes named by the lower-case hex of their SHA-256.</summary>
public static class Digest
{
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static bool IsValid(string? text) =>
        text is { Length: 64 } && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
}

/// <summary>One file of a tree; a file is a list of blobs, in order. <paramref name="Path"/> is relative, with '/', see <see cref="TreePath"/>.</summary>
public sealed record TreeFile(string Path, long Bytes, bool Executable, IReadOnlyList<string> Blobs);

/// <summary>A named list of files, itself a blob of JSON.</summary>
public sealed record Tree(IReadOnlyList<TreeFile> Files)
{
    /// <summary>Files that one tree may name.</summary>
    public const int FilesMax = 100_000;

    /// <summary>Bytes of a tree's own blob: <see cref="FilesMax"/> files with usual paths, a blob or two each.</summary>
    public const int BytesMax = 32 * 1024 * 1024;

    /// <summary>Bytes of any other blob; a larger file is a list of blobs of this size.</summary>
    public const int BlobBytesMax = 16 * 1024 * 1024;

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ProtocolJson.Default.Tree);

    /// <summary>Reads a tree and checks each path and digest.</summary>
    /// <exception cref="FormatException">It is not a tree, or a path would leave the directory.</exception>
    public static Tree Parse(ReadOnlySpan<byte> bytes)
    {
        Tree? tree;
        try
        {
            tree = JsonSerializer.Deserialize(bytes, ProtocolJson.Default.Tree);
        }
        catch (JsonException e)
        {
            throw new FormatException("not a tree: " + e.Message, e);
        }

        if (tree?.Files is null || tree.Files.Count > FilesMax)
        {
            throw new FormatException("not a tree, or one of too many files");
        }

        foreach (var file in tree.Files)
        {
            if (file?.Blobs is null || !TreePath.IsSafe(file.Path) || file.Bytes < 0 || !file.Blobs.All(Digest.IsValid))
            {
                throw new FormatException($"a file of the tree is not safe: {TreePath.Printable(file?.Path)}");
            }
        }

        return tree;
    }
}

/// <summary>Which names may stand in a tree: relative, without '..', '.', empty parts, control signs or drive letters.</summary>
public static class TreePath
{
    public const int LengthMax = 1024;

    public static bool IsSafe(string? path) =>
        path is { Length: > 0 and <= LengthMax }
        && !path.Any(c => char.IsControl(c) || c is '\\' or ':' or '\0')
        && path.Split('/').All(part => part.Length is > 0 and <= 255 && part is not ("." or ".."));

    /// <summary>For messages: control signs become '?', and no more than 80 characters are shown.</summary>
    public static string Printable(string? path) =>
        new([.. (path ?? "(none)").Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
}
