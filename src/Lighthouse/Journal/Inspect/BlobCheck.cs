using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>Whether every blob that a job names is there, and each that is there is what its name says. All bytes are read once.</summary>
internal sealed class BlobCheck(string folder, Problems problems, Action<long> read, CancellationToken cancel)
{
    private const int BufferBytes = 1024 * 1024;
    private const int PrefixLength = 2;

    // By the first half of the digest, which nobody finds twice.
    private readonly HashSet<UInt128> _sound = [];
    private readonly HashSet<UInt128> _soundTrees = []; // with all that they name
    private readonly HashSet<UInt128> _wrong = [];
    private readonly byte[] _buffer = new byte[BufferBytes];
    private bool _folderTold;

    public void CheckSpec(string jobId, JobSpec spec)
    {
        var template = spec.Template;
        if (spec.TemplateDigest is { } digest)
        {
            template = ReadTemplate(jobId, digest);
        }

        foreach (var tree in template?.Trees ?? [])
        {
            CheckTree(jobId, "its input", tree);
        }
    }

    /// <param name="what">For people: whose files these are.</param>
    public void CheckTree(string jobId, string what, string digest)
    {
        if (_soundTrees.Contains(KeyOf(digest)) || Content(jobId, what, digest) is not { } bytes)
        {
            return;
        }

        Tree tree;
        try
        {
            tree = Tree.Parse(bytes);
        }
        catch (FormatException e)
        {
            problems.Add($"job/{jobId}", $"{what}: blob {digest} is {e.Message}", Todo.Blob);
            return;
        }

        var isSound = true;
        foreach (var file in tree.Files)
        {
            foreach (var blob in file.Blobs)
            {
                isSound &= IsSound(jobId, $"{what}: {TreePath.Printable(file.Path)}", blob);
            }
        }

        if (isSound)
        {
            _soundTrees.Add(KeyOf(digest));
        }
    }

    /// <summary>Those that no job names: a wrong one would be taken for the right one when somebody brings that.</summary>
    public void CheckOthers()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var prefix in Directory.EnumerateDirectories(folder).Where(path => Path.GetFileName(path).Length == PrefixLength).Order(StringComparer.Ordinal))
        {
            foreach (var path in Directory.EnumerateFiles(prefix))
            {
                var digest = Path.GetFileName(prefix) + Path.GetFileName(path);
                if (Digest.IsValid(digest) && !_sound.Contains(KeyOf(digest)) && !_wrong.Contains(KeyOf(digest)) && Complaint(digest, null) is { } complaint)
                {
                    problems.Add(null, $"blob {digest}, which no job names, {complaint}", Todo.OtherBlob);
                }
            }
        }
    }

    private static UInt128 KeyOf(string digest) => BinaryPrimitives.ReadUInt128BigEndian(Convert.FromHexString(digest.AsSpan(0, 2 * 16)));

    private TaskTemplate? ReadTemplate(string jobId, string digest)
    {
        const string What = "its command";
        try
        {
            return Content(jobId, What, digest) is { } bytes ? JsonSerializer.Deserialize(bytes, ProtocolJson.Default.TaskTemplate) : null;
        }
        catch (JsonException e)
        {
            problems.Add($"job/{jobId}", $"{What}: blob {digest} can't be read: {e.Message}", Todo.Blob);
            return null;
        }
    }

    /// <summary>Null when it is not right, which was said.</summary>
    private byte[]? Content(string jobId, string what, string digest)
    {
        using var content = new MemoryStream();
        return IsSound(jobId, what, digest, content) ? content.ToArray() : null;
    }

    private bool IsSound(string jobId, string what, string digest, MemoryStream? content = null)
    {
        if (!Digest.IsValid(digest))
        {
            problems.Add($"job/{jobId}", $"{what}: its blob has no name that one can have", Todo.Restore);
            return false;
        }

        if (content is null && _sound.Contains(KeyOf(digest)))
        {
            return true;
        }

        if (Complaint(digest, content) is not { } complaint)
        {
            return true;
        }

        if (!Directory.Exists(folder) && !_folderTold)
        {
            _folderTold = true;
            problems.Add(null, $"the folder {folder} is missing", Todo.Folder);
        }

        problems.Add($"job/{jobId}", $"{what}: blob {digest} {complaint}", Todo.Blob);
        return false;
    }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    private string? Complaint(string digest, MemoryStream? content)
    {
        cancel.ThrowIfCancellationRequested();
        var path = Path.Combine(folder, digest[..PrefixLength], digest[PrefixLength..]);
        try
        {
            if (!File.Exists(path))
            {
                return $"is missing ({path})";
            }

            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            var length = RandomAccess.GetLength(file);
            if (length > Tree.BytesMax)
            {
                _wrong.Add(KeyOf(digest));
                return $"has a wrong size, {length} bytes ({path})";
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var at = 0L;
            for (int count; (count = RandomAccess.Read(file, _buffer, at)) > 0; at += count)
            {
                hash.AppendData(_buffer, 0, count);
                content?.Write(_buffer, 0, count);
                read(count);
                cancel.ThrowIfCancellationRequested();
            }

            if (Convert.ToHexStringLower(hash.GetHashAndReset()) == digest)
            {
                _sound.Add(KeyOf(digest));
                return null;
            }

            _wrong.Add(KeyOf(digest));
            return $"was cut or changed: its {at} bytes are not those that its name says ({path})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _wrong.Add(KeyOf(digest));
            return $"can't be read: {e.Message}";
        }
    }
}
