using System.Buffers;
using System.Security.Cryptography;
using System.Text;
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

    /// <summary>Bytes of all files of a tree: more than a laptop's disk has free. A tree may name one blob many times, so its own size bounds nothing.</summary>
    public const long TotalBytesMax = 256L * 1024 * 1024 * 1024;

    /// <summary>Of what the parser says, which quotes the bytes.</summary>
    private const int ReasonLengthMax = 200;

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ProtocolJson.Default.Tree);

    /// <summary>Reads a tree and checks each path and digest, and that all files can stand in one directory.</summary>
    /// <exception cref="FormatException">It is not a tree, a path would leave the directory, or two would be at one place.</exception>
    public static Tree Parse(ReadOnlySpan<byte> bytes)
    {
        Tree? tree;
        try
        {
            tree = JsonSerializer.Deserialize(bytes, ProtocolJson.Default.Tree);
        }
        catch (JsonException e)
        {
            throw new FormatException("not a tree: " + AkkaCompute.Protocol.Printable.Line(e.Message, ReasonLengthMax), e);
        }

        if (tree?.Files is null || tree.Files.Count > FilesMax)
        {
            throw new FormatException("not a tree, or one of too many files");
        }

        var total = 0L;
        foreach (var file in tree.Files)
        {
            if (file?.Blobs is null || !TreePath.IsSafe(file.Path) || !file.Blobs.All(Digest.IsValid))
            {
                throw new FormatException($"a file of the tree is not safe: {TreePath.Printable(file?.Path)}");
            }

            // No piece is empty, none is larger than a blob: what a file takes on disk is what the tree says.
            if (file.Bytes < 0 || file.Bytes > (long)file.Blobs.Count * BlobBytesMax || file.Blobs.Count > file.Bytes + 1)
            {
                throw new FormatException($"a file of the tree has a size that its pieces can't have: {TreePath.Printable(file.Path)}");
            }

            total += Math.Min(file.Bytes, TotalBytesMax + 1);
            if (total > TotalBytesMax)
            {
                throw new FormatException($"the files of the tree have more than {TotalBytesMax >> 30} GiB together");
            }
        }

        if (TreePath.Clash(tree.Files.Select(file => file.Path)) is { } clash)
        {
            throw new FormatException($"two files of the tree would be at one place: {TreePath.Printable(clash)}");
        }

        return tree;
    }
}

/// <summary>
/// Which names may stand in a tree: relative, without '..', '.', empty parts and control signs. A name that Linux has and Windows has not is
/// one of them: who writes files there asks <see cref="IsUsableHere"/> too.
/// </summary>
public static class TreePath
{
    public const int LengthMax = 1024;

    /// <summary>Bytes of one part of a path, on all common file systems.</summary>
    public const int PartBytesMax = 255;

    private static readonly SearchValues<char> NotOnWindows = SearchValues.Create("<>\"|?*:\\");

    private static readonly string[] Devices = ["con", "prn", "aux", "nul", "conin$", "conout$"];

    public static bool IsSafe(string? path) =>
        path is { Length: > 0 and <= LengthMax }
        && !path.Any(AkkaCompute.Protocol.Printable.IsSteering)
        && path.Split('/').All(part => part.Length > 0 && Encoding.UTF8.GetByteCount(part) <= PartBytesMax && part is not ("." or ".."));

    /// <summary>
    /// Whether a safe path can be a file's on Windows too: names of devices (with any extension), some signs (of drives, streams and
    /// folders), and dots and spaces at the end mean something else there, or nothing.
    /// </summary>
    public static bool IsUsableOnWindows(string path) => path.Split('/').All(part =>
        !part.AsSpan().ContainsAny(NotOnWindows) && part[^1] is not ('.' or ' ') && !IsDevice(part.Split('.')[0].TrimEnd(' ').ToLowerInvariant()));

    /// <summary>Whether a safe path can be a file's on this computer, below the folder that it is put into.</summary>
    public static bool IsUsableHere(string path) => !OperatingSystem.IsWindows() || IsUsableOnWindows(path);

    /// <summary>A path that is there twice, or is a file and a folder; null when all can be in one directory.</summary>
    public static string? Clash(IEnumerable<string> paths)
    {
        // A sign below all that a safe path may have: what is in a folder comes right behind its name.
        string[] sorted = [.. paths.Select(path => path.Replace('/', '\u0001'))];
        Array.Sort(sorted, StringComparer.Ordinal);
        for (var i = 1; i < sorted.Length; i++)
        {
            var (before, path) = (sorted[i - 1], sorted[i]);
            if (path.StartsWith(before, StringComparison.Ordinal) && (path.Length == before.Length || path[before.Length] == '\u0001'))
            {
                return before.Replace('\u0001', '/');
            }
        }

        return null;
    }

    private static bool IsDevice(string name) =>
        Devices.Contains(name) || (name.Length == 4 && (name.StartsWith("com", StringComparison.Ordinal) || name.StartsWith("lpt", StringComparison.Ordinal)) && char.IsDigit(name[3]));

    /// <summary>For messages: control signs become '?', and no more than 80 characters are shown.</summary>
    public static string Printable(string? path) => AkkaCompute.Protocol.Printable.Line(path ?? "(none)", 80, '?');
}
