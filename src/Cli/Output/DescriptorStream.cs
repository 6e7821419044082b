using AkkaCompute.ComputeNode.Keeper;

namespace AkkaCompute.Cli.Output;

/// <summary>A descriptor of Unix to write to. Unlike the console's stream it says when nobody reads any more.</summary>
internal sealed class DescriptorStream(int descriptor) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer) => Libc.WriteAll(descriptor, buffer);

    public override void Write(byte[] buffer, int offset, int count) => Libc.WriteAll(descriptor, buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
