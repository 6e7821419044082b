using System.Buffers;
using System.Security.Cryptography;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Lighthouse.Blobs;

/// <summary>Blobs as files, <c>ab/cdef...</c> by digest; a name exists only once all its bytes are on disk.</summary>
internal sealed class FileBlobStore : IBlobStore
{
    private const int BufferBytes = 128 * 1024;
    private const string Unfinished = ".new";

    private readonly string _folder;
    private readonly DiskSpace _space;

    /// <summary>Also removes what crashed writes left behind.</summary>
    public FileBlobStore(string folder, DiskSpace space)
    {
        _folder = folder;
        _space = space;
        Directory.CreateDirectory(folder);
        foreach (var left in Directory.EnumerateFiles(folder, "*" + Unfinished, SearchOption.AllDirectories))
        {
            File.Delete(left);
        }
    }

    public bool Has(string digest) => Digest.IsValid(digest) && File.Exists(PathOf(digest));

    public async Task PutAsync(string digest, Stream content, CancellationToken cancel)
    {
        if (!Digest.IsValid(digest))
        {
            throw new FormatException("a blob is named by 64 signs of lower-case hex");
        }

        var path = PathOf(digest);
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            FolderSync.Flush(_folder);
        }

        // Its own name for each writer: two may bring the same blob at once.
        var neighbour = $"{path}.{Ids.New()}{Unfinished}";
        try
        {
            await WriteAsync(neighbour, digest, content, cancel);
            File.Move(neighbour, path, overwrite: true);
            FolderSync.Flush(folder);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the Lighthouse has no right to write into {folder}", e);
        }
        catch
        {
            File.Delete(neighbour);
            throw;
        }
    }

    public Stream? Open(string digest)
    {
        if (!Digest.IsValid(digest))
        {
            return null;
        }

        try
        {
            return new FileStream(
                PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1,
                FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private async Task WriteAsync(string neighbour, string digest, Stream content, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var handle = File.OpenHandle(neighbour, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
            long at = 0;
            int read;
            while ((read = await content.ReadAsync(buffer.AsMemory(0, BufferBytes), cancel)) > 0)
            {
                if (at + read > Tree.BlobBytesMax)
                {
                    throw new FormatException($"a blob has at most {Tree.BlobBytesMax >> 20} MiB; a larger file is a list of blobs");
                }

                _space.Take(read);
                hash.AppendData(buffer, 0, read);
                await RandomAccess.WriteAsync(handle, buffer.AsMemory(0, read), at, cancel);
                at += read;
            }

            if (Convert.ToHexStringLower(hash.GetHashAndReset()) != digest)
            {
                throw new FormatException("the bytes are others than the digest names: they were changed on their way");
            }

            RandomAccess.FlushToDisk(handle);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private string PathOf(string digest) => Path.Combine(_folder, digest[..2], digest[2..]);
}
