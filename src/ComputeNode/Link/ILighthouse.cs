using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.ComputeNode.Link;

/// <summary>The Lighthouse as the work on a node sees it.</summary>
internal interface ILighthouse
{
    /// <summary>False while the link is down or its send queue is full; try again at <see cref="Ready"/>.</summary>
    bool TrySend(SegmentFrame segment);

    /// <summary>The link came up (send everything unacknowledged again) or its queue has room. Raised on any thread; handlers only signal.</summary>
    event Action<LinkReady>? Ready;

    /// <summary>Waits out a link that is down.</summary>
    Task<IReadOnlyList<string>> MissingBlobsAsync(IReadOnlyList<string> digests, CancellationToken cancel);

    /// <summary>Waits out a link that is down. The content is opened anew for each try.</summary>
    /// <exception cref="IOException">The Lighthouse refuses it (disk full, too large); the message is for people.</exception>
    Task UploadBlobAsync(string digest, Func<Stream> content, CancellationToken cancel);

    /// <summary>Waits out a link that is down; the bytes written are verified by the caller.</summary>
    /// <exception cref="FileNotFoundException">The Lighthouse has no such blob.</exception>
    Task DownloadBlobAsync(string digest, Stream into, CancellationToken cancel);
}

/// <param name="Reconnected">A new connection: what was sent and not acknowledged has to be sent again.</param>
internal readonly record struct LinkReady(bool Reconnected);
