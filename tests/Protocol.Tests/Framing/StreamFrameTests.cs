using System.Buffers.Binary;
using System.Text.Json;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using FsCheck.Fluent;

namespace AkkaCompute.Protocol.Tests.Framing;

public sealed class StreamFrameTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_laid_out_as_documented()
    {
        var frame = StreamFrame.Output(new SegmentFrame("job", new AttemptRef(1, 2), 3, 2, new byte[] { 9 }));

        (await WrittenAsync(frame)).ShouldBe([3, 0, 0, 0, 14, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 2, 9]);
    }

    [Fact]
    public void Frames_are_read_as_they_were_written_however_the_bytes_arrive() => Checks.ForAll(
        from kinds in Gen.Choose(1, 6).ArrayOf()
        from payload in Checks.Bytes(50)
        from piece in Gen.Choose(1, 20)
        select (Kinds: kinds, Payload: payload, Piece: piece),
        given =>
        {
            using var whole = new MemoryStream();
            foreach (var kind in given.Kinds)
            {
                new StreamFrame((StreamFrameKind)kind, given.Payload).WriteAsync(whole, Cancel).AsTask().Wait(Cancel);
            }

            using var arriving = new InPieces(whole.ToArray(), given.Piece);
            foreach (var kind in given.Kinds)
            {
                var read = StreamFrame.ReadAsync(arriving, Cancel).AsTask().Result!.Value;
                ((int)read.Kind).ShouldBe(kind);
                read.Payload.ToArray().ShouldBe(given.Payload);
            }

            StreamFrame.ReadAsync(arriving, Cancel).AsTask().Result.ShouldBeNull();
        });

    [Fact]
    public void Output_is_the_segment_again() => Checks.ForAll(
        from task in Gen.Choose(0, JobSpec.TaskCountMax - 1)
        from attempt in Gen.Choose(1, int.MaxValue)
        from segment in Gen.Choose(0, int.MaxValue - 1)
        from stream in Gen.Choose(1, 2)
        from bytes in Checks.Bytes(50)
        select new SegmentFrame("job", new AttemptRef(task, attempt), segment, stream, bytes),
        segment =>
        {
            var read = StreamFrame.Output(segment).ReadOutput("job");

            read.Bytes.ToArray().ShouldBe(segment.Bytes.ToArray());
            (read with { Bytes = segment.Bytes }).ShouldBe(segment);
        });

    [Fact]
    public void Json_is_its_value_again()
    {
        var frame = StreamFrame.Json(StreamFrameKind.Attempt, new AttemptBegan(1, 2, "mike", null), ProtocolJson.Default.AttemptBegan);

        JsonSerializer.Deserialize(frame.Payload.Span, ProtocolJson.Default.AttemptBegan).ShouldBe(new AttemptBegan(1, 2, "mike", null));
    }

    [Fact]
    public async Task An_end_between_frames_is_the_end_and_within_one_it_is_not()
    {
        var frame = await WrittenAsync(new StreamFrame(StreamFrameKind.Job, new byte[] { 1, 2, 3 }));

        (await StreamFrame.ReadAsync(new MemoryStream(), Cancel)).ShouldBeNull();
        for (var length = 1; length < frame.Length; length++)
        {
            await Should.ThrowAsync<EndOfStreamException>(async () => await StreamFrame.ReadAsync(new MemoryStream(frame[..length]), Cancel));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(7, 0)]
    [InlineData(255, 0)]
    [InlineData(1, -1)]
    [InlineData(1, int.MinValue)]
    [InlineData(1, int.MaxValue)]
    [InlineData(1, StreamFrame.PayloadBytesMax + 1)]
    public async Task A_kind_or_a_length_out_of_its_limits_is_refused_before_memory_is_taken(byte kind, int length)
    {
        var head = new byte[5];
        head[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), length);

        await Should.ThrowAsync<FormatException>(async () => await StreamFrame.ReadAsync(new MemoryStream(head), Cancel));
    }

    [Fact]
    public async Task The_largest_payload_passes()
    {
        var frame = await WrittenAsync(new StreamFrame(StreamFrameKind.TaskDone, new byte[StreamFrame.PayloadBytesMax]));

        (await StreamFrame.ReadAsync(new MemoryStream(frame), Cancel))!.Value.Payload.Length.ShouldBe(StreamFrame.PayloadBytesMax);
    }

    [Fact]
    public void An_output_frame_without_its_head_is_refused()
    {
        for (var length = 0; length < StreamFrame.OutputHeaderBytes; length++)
        {
            Should.Throw<FormatException>(() => new StreamFrame(StreamFrameKind.Output, new byte[length]).ReadOutput("job"));
        }
    }

    [Theory]
    [InlineData(-1, 1, 0, 1)]
    [InlineData(JobSpec.TaskCountMax, 1, 0, 1)]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, -1, 0, 1)]
    [InlineData(0, 1, -1, 1)]
    [InlineData(0, 1, int.MaxValue, 1)] // the next one would be negative
    [InlineData(0, 1, 0, 0)]
    [InlineData(0, 1, 0, 3)]
    public void An_output_frame_out_of_its_limits_is_refused(int task, int attempt, int segment, byte stream)
    {
        var payload = new byte[StreamFrame.OutputHeaderBytes + 1];
        BinaryPrimitives.WriteInt32BigEndian(payload, task);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(4), attempt);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(8), segment);
        payload[12] = stream;

        Should.Throw<FormatException>(() => new StreamFrame(StreamFrameKind.Output, payload).ReadOutput("job"));
    }

    private static async Task<byte[]> WrittenAsync(StreamFrame frame)
    {
        using var stream = new MemoryStream();
        await frame.WriteAsync(stream, Cancel);
        return stream.ToArray();
    }

    private sealed class InPieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
