using System.Collections.Concurrent;
using System.Security.Cryptography;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.ComputeNode.Inputs;

/// <summary>Blobs that this node has fetched, by digest; the longest unused are dropped when they take more than <see cref="BytesMax"/>.</summary>
internal sealed class BlobCache(string folder, ILighthouse lighthouse)
{
    /// <summary>Room for the data sets of a few jobs on a laptop's disk.</summary>
    public const long BytesMax = 8L * 1024 * 1024 * 1024;

    /// <summary>The cache is looked through after so much was added: a job of ten thousand small files must not list it each time.</summary>
    private const long TrimEveryBytes = 256L * 1024 * 1024;

    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> fetching = new(StringComparer.Ordinal);
    private long added = TrimEveryBytes;

    /// <summary>The file of a blob, fetched and verified if it is not here; one download serves all who wait for it.</summary>
    /// <exception cref="IOException">It can't be had; the message is for people.</exception>
    public async Task<string> FetchAsync(string digest, CancellationToken cancel)
    {
        var file = FileOf(digest);
        if (File.Exists(file))
        {
            File.SetLastAccessTimeUtc(file, DateTime.UtcNow);
            return file;
        }

        var fetch = fetching.GetOrAdd(digest, d => new Lazy<Task<string>>(() => DownloadAsync(d, cancel)));
        try
        {
            return await fetch.Value.WaitAsync(cancel);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            fetching.TryRemove(digest, out _); // another attempt asked first and was stopped
            return await FetchAsync(digest, cancel);
        }
        finally
        {
            fetching.TryRemove(digest, out _);
        }
    }

    public async Task<byte[]> ReadAsync(string digest, CancellationToken cancel) =>
        await File.ReadAllBytesAsync(await FetchAsync(digest, cancel), cancel);

    private string FileOf(string digest) => Path.Combine(folder, digest[..2], digest[2..]);

    private async Task<string> DownloadAsync(string digest, CancellationToken cancel)
    {
        var file = FileOf(digest);
        Home.MakePrivate(Path.GetDirectoryName(file)!);
        var temporary = file + "." + Path.GetRandomFileName();
        try
        {
            long bytes;
            await using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                await lighthouse.DownloadBlobAsync(digest, stream, cancel);
                bytes = stream.Position;
                stream.Position = 0;
                if (Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel)) != digest)
                {
                    throw new IOException($"blob {digest[..12]} came with other bytes than its name says");
                }
            }

            File.Move(temporary, file, overwrite: true);
            if (Interlocked.Add(ref added, bytes) >= TrimEveryBytes)
            {
                Interlocked.Exchange(ref added, 0);
                Trim();
            }

            return file;
        }
        catch (FileNotFoundException e)
        {
            throw new IOException(e.Message, e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private void Trim()
    {
        var files = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).OrderByDescending(f => f.LastAccessTimeUtc);
        long kept = 0;
        foreach (var file in files.Where(f => !f.Name.Contains('.', StringComparison.Ordinal)))
        {
            try
            {
                kept += file.Length;
                if (kept > BytesMax)
                {
                    file.Delete();
                }
            }
            catch (FileNotFoundException)
            {
                // dropped meanwhile
            }
        }
    }
}
