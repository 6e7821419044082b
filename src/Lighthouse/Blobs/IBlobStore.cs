using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Lighthouse.Blobs;

/// <summary>Immutable bytes named by the lower-case hex of their SHA-256.</summary>
internal interface IBlobStore
{
    bool Has(string digest);

    /// <summary>Stores all of <paramref name="content"/> and has it on disk at return; verifies the digest first.</summary>
    /// <exception cref="FormatException">The bytes are others than the digest names.</exception>
    /// <exception cref="BlobTooLargeException">More than a blob may have, see <see cref="Protocol.Blobs.Tree"/>.</exception>
    /// <exception cref="IOException">The disk is full or broken; nothing is kept.</exception>
    Task PutAsync(string digest, Stream content, CancellationToken cancel);

    /// <summary>Null when there is no such blob.</summary>
    Stream? Open(string digest);
}

internal sealed class BlobTooLargeException() : FormatException(Text)
{
    public static string Text { get; } =
        $"a blob has at most {Tree.BlobBytesMax >> 20} MiB and one that is a tree {Tree.BytesMax >> 20} MiB; a larger file is a list of blobs";
}
