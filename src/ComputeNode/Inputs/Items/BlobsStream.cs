using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.ComputeNode.Inputs.Items;

/// <summary>A file of a tree, read blob by blob as they are fetched.</summary>
internal sealed class BlobsStream(TreeFile file, BlobCache cache) : Stream
{
    private FileStream? blob;
    private long left = file.Bytes;
    private int next;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (blob is null)
            {
                if (next == file.Blobs.Count)
                {
                    return 0;
                }

                blob = File.OpenRead(await cache.FetchAsync(file.Blobs[next++], cancellationToken));
                left -= blob.Length;
                if (left < 0)
                {
                    throw new IOException($"{TreePath.Printable(file.Path)} is larger than the list of inputs says: not taken");
                }
            }

            if (await blob.ReadAsync(buffer, cancellationToken) is var read && (read > 0 || buffer.IsEmpty))
            {
                return read;
            }

            await blob.DisposeAsync();
            blob = null;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read it asynchronously: it may be fetched first");

    public override void Flush()
    {
        // nothing is written
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            blob?.Dispose();
        }

        base.Dispose(disposing);
    }
}
