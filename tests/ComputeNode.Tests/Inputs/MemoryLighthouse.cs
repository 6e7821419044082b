using System.Collections.Concurrent;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.ComputeNode.Tests.Inputs;

/// <summary>A Lighthouse as the work on a node sees it, in memory.</summary>
internal sealed class MemoryLighthouse : ILighthouse
{
    private int downloads;

    public event Action<LinkReady>? Ready;

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    public int Downloads => downloads;

    /// <summary>Downloads wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Takes segments; false when the link is down.</summary>
    public Func<SegmentFrame, bool> TakeSegment { get; set; } = _ => true;

    /// <summary>Said to whoever uploads; null when there is room.</summary>
    public string? Full { get; set; }

    public string Keep(byte[] bytes)
    {
        var digest = Digest.Of(bytes);
        Blobs[digest] = bytes;
        return digest;
    }

    public string Keep(string text) => Keep(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>A tree of these files; <c>!</c> before a name makes it executable.</summary>
    public string KeepTree(params (string Name, string Text)[] files) => Keep(new Tree(
        [.. files.Select(f => new TreeFile(f.Name.TrimStart('!'), f.Text.Length, f.Name[0] == '!', [Keep(f.Text)]))]).ToBytes());

    /// <summary>The files of a tree, by name.</summary>
    public Dictionary<string, string> Texts(string treeDigest) => Tree.Parse(Blobs[treeDigest]).Files.ToDictionary(
        f => f.Path, f => System.Text.Encoding.UTF8.GetString([.. f.Blobs.SelectMany(b => Blobs[b])]));

    public void ComesUp() => Ready?.Invoke(new LinkReady(true));

    public bool TrySend(SegmentFrame segment) => TakeSegment(segment);

    public Task<IReadOnlyList<string>> MissingBlobsAsync(IReadOnlyList<string> digests, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<string>>([.. digests.Where(d => !Blobs.ContainsKey(d))]);

    public async Task UploadBlobAsync(string digest, Func<Stream> content, CancellationToken cancel)
    {
        if (Full is { } complaint)
        {
            throw new IOException(complaint);
        }

        var bytes = new MemoryStream();
        await using var stream = content();
        await stream.CopyToAsync(bytes, cancel);
        Digest.Of(bytes.ToArray()).ShouldBe(digest);
        Blobs[digest] = bytes.ToArray();
    }

    public async Task DownloadBlobAsync(string digest, Stream into, CancellationToken cancel)
    {
        Interlocked.Increment(ref downloads);
        await Gate.WaitAsync(cancel);
        await into.WriteAsync(Blobs.TryGetValue(digest, out var bytes) ? bytes : throw new FileNotFoundException("the Lighthouse has no such blob"), cancel);
    }
}
