using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Homes;
using Microsoft.Win32.SafeHandles;

namespace AkkaCompute.Lighthouse.Blobs;

/// <summary>
/// Blobs as files, <c>ab/cdef...</c> by digest. A blob is seen only once all its bytes and its name are on disk; until then its
/// bytes are in <c>new</c>.
/// </summary>
internal sealed class FileBlobStore : IBlobStore
{
    private const int BufferBytes = 128 * 1024;
    private const int PrefixLength = 2;
    private const int Prefixes = 256;

    private readonly string _folder;
    private readonly string _unfinished;
    private readonly DiskSpace _space;
    private readonly Action<string> _flushFolder;
    private readonly Prefix[] _prefixes = [.. Enumerable.Range(0, Prefixes).Select(_ => new Prefix())];

    /// <summary>Also removes what crashed writes left behind.</summary>
    /// <param name="flushFolder">Has a folder's names on disk; <see cref="FolderSync.Flush"/> but in tests.</param>
    public FileBlobStore(string folder, DiskSpace space, Action<string>? flushFolder = null)
    {
        _folder = folder;
        _unfinished = Path.Combine(folder, "new");
        _space = space;
        _flushFolder = flushFolder ?? FolderSync.Flush;
        Directory.CreateDirectory(_unfinished);
        foreach (var left in Directory.EnumerateFiles(_unfinished))
        {
            File.Delete(left);
        }

        for (var i = 0; i < Prefixes; i++)
        {
            Directory.CreateDirectory(Path.Combine(folder, i.ToString("x2", CultureInfo.InvariantCulture)));
        }

        _flushFolder(folder);
    }

    public bool Has(string digest)
    {
        if (!Digest.IsValid(digest) || !File.Exists(PathOf(digest)))
        {
            return false;
        }

        try
        {
            return IsSure(digest);
        }
        catch (IOException)
        {
            return false; // it is brought again, and that says what is wrong with the disk
        }
    }

    public async Task PutAsync(string digest, Stream content, CancellationToken cancel)
    {
        if (!Digest.IsValid(digest))
        {
            throw new FormatException("a blob is named by 64 signs of lower-case hex");
        }

        // Its own name for each writer: two may bring the same blob at once.
        var neighbour = Path.Combine(_unfinished, $"{digest}.{Ids.New()}");
        try
        {
            await WriteAsync(neighbour, digest, content, cancel);
            TakeIn(neighbour, digest);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the Lighthouse has no right to write into {_folder}", e);
        }
        finally
        {
            File.Delete(neighbour);
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
            return !File.Exists(PathOf(digest)) || !IsSure(digest) ? null : new FileStream(
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
            using var handle = File.OpenHandle(neighbour, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
            long at = 0;
            int read;
            while ((read = await content.ReadAsync(buffer.AsMemory(0, BufferBytes), cancel)) > 0)
            {
                if (at + read > Tree.BytesMax)
                {
                    throw new BlobTooLargeException();
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

            if (at > Tree.BlobBytesMax)
            {
                await CheckTreeAsync(handle, (int)at, cancel);
            }

            RandomAccess.FlushToDisk(handle);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Only trees may be so large: they are read whole, never a file's piece.</summary>
    private static async Task CheckTreeAsync(SafeFileHandle handle, int length, CancellationToken cancel)
    {
        var bytes = new byte[length];
        var read = await RandomAccess.ReadAsync(handle, bytes, 0, cancel);
        try
        {
            Tree.Parse(bytes.AsSpan(0, read));
        }
        catch (FormatException)
        {
            throw new BlobTooLargeException();
        }
    }

    /// <summary>Gives the bytes their name, which is on disk at return; when it can't be there is no such blob.</summary>
    private void TakeIn(string neighbour, string digest)
    {
        var path = PathOf(digest);
        var prefix = PrefixOf(digest);
        lock (prefix.Gate)
        {
            if (!File.Exists(path))
            {
                prefix.Unsure.TryAdd(digest, 0);
                File.Move(neighbour, path);
            }

            try
            {
                _flushFolder(Path.GetDirectoryName(path)!);
            }
            catch when (prefix.Unsure.ContainsKey(digest))
            {
                File.Delete(path);
                throw;
            }

            prefix.IsFlushed = true;
            prefix.Unsure.TryRemove(digest, out _);
        }
    }

    /// <summary>Whether the name of a blob that is there is on disk.</summary>
    private bool IsSure(string digest)
    {
        var prefix = PrefixOf(digest);
        if (prefix.Unsure.ContainsKey(digest))
        {
            return false;
        }

        if (!prefix.IsFlushed)
        {
            // Named by a process that may have been killed before its flush: once for each prefix and start.
            lock (prefix.Gate)
            {
                _flushFolder(Path.Combine(_folder, digest[..PrefixLength]));
                prefix.IsFlushed = true;
            }
        }

        return true;
    }

    private Prefix PrefixOf(string digest) => _prefixes[Convert.ToInt32(digest[..PrefixLength], 16)];

    private string PathOf(string digest) => Path.Combine(_folder, digest[..PrefixLength], digest[PrefixLength..]);

    /// <summary>One folder of blobs.</summary>
    private sealed class Prefix
    {
        /// <summary>Names and flushes one after the other, so that what one takes back no other has acknowledged.</summary>
        public Lock Gate { get; } = new();

        /// <summary>Named, and the flush has not succeeded (yet).</summary>
        public ConcurrentDictionary<string, byte> Unsure { get; } = new(StringComparer.Ordinal);

        /// <summary>All that was there at the start is on disk.</summary>
        public volatile bool IsFlushed;
    }
}
