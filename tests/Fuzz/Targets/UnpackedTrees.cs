using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>A tree unpacked by a node into a real folder. Nothing is ever written outside of it, and nothing that was there is changed.</summary>
internal sealed class UnpackedTrees : IFuzzTarget
{
    private const string Guarded = "guarded.txt";

    private readonly string _root = Directory.CreateTempSubdirectory("akc-fuzz-").FullName;
    private readonly BlobCache _cache;
    private readonly Lighthouse _lighthouse = new();
    private int _made;

    public UnpackedTrees()
    {
        _cache = new BlobCache(Path.Combine(_root, "cache"), _lighthouse);
        Directory.CreateDirectory(Path.Combine(_root, "work"));
        File.WriteAllText(Path.Combine(_root, Guarded), Guarded);
        File.WriteAllText(Path.Combine(_root, "work", Guarded), Guarded);
    }

    public string Name => "tree-unpack";

    public IReadOnlyList<byte[]> Seeds { get; } = [.. TreeSamples.Trees];

    public IReadOnlyList<string> Words => [.. TreeSamples.Names, "../" + Guarded, "../../" + Guarded, "../x", "../../x"];

    public FuzzBounds Bounds => FuzzBounds.Outside;

    public string Run(ReadOnlySpan<byte> input)
    {
        var folder = Path.Combine(_root, "work", $"{++_made}");
        Directory.CreateDirectory(folder);
        var digest = _lighthouse.Keep(input.ToArray());
        string outcome;
        try
        {
            new WorkFolder(folder).FillAsync(digest, _cache, CancellationToken.None).GetAwaiter().GetResult();
            outcome = "filled";
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            outcome = $"refused: {e.GetType().Name} {e.Message.Replace(_root, "").Split(':')[0]}";
        }

        Promise.That(Directory.GetFileSystemEntries(_root).Length == 3, "something new beside the work folder's folder");
        Promise.That(Directory.GetFileSystemEntries(Path.Combine(_root, "work")).Length == 2, "something new beside the work folder");
        Promise.That(File.ReadAllText(Path.Combine(_root, Guarded)) == Guarded && File.ReadAllText(Path.Combine(_root, "work", Guarded)) == Guarded, "a file outside was changed");
        Promise.That(WorkFolder.Delete(folder), "a work folder that can't be deleted");
        _lighthouse.Forget(digest, Path.Combine(_root, "cache"));
        return outcome;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Has one blob, and the tree of the moment.</summary>
    private sealed class Lighthouse : ILighthouse
    {
        private readonly Dictionary<string, byte[]> _blobs = new() { [Digest.Of(TreeSamples.Blob)] = TreeSamples.Blob };

        public event Action<LinkReady>? Ready
        {
            add { }
            remove { }
        }

        public string Keep(byte[] bytes)
        {
            var digest = Digest.Of(bytes);
            _blobs[digest] = bytes;
            return digest;
        }

        public void Forget(string digest, string cache)
        {
            _blobs.Remove(digest);
            File.Delete(Path.Combine(cache, digest[..2], digest[2..]));
        }

        public bool TrySend(SegmentFrame segment) => false;

        public Task<IReadOnlyList<string>> MissingBlobsAsync(IReadOnlyList<string> digests, CancellationToken cancel) => throw new NotSupportedException();

        public Task UploadBlobAsync(string digest, Func<Stream> content, CancellationToken cancel) => throw new NotSupportedException();

        public async Task DownloadBlobAsync(string digest, Stream into, CancellationToken cancel) =>
            await into.WriteAsync(_blobs.GetValueOrDefault(digest) ?? throw new FileNotFoundException($"the Lighthouse has no blob {digest}"), cancel);
    }
}
