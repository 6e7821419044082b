using System.Buffers.Binary;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using FsCheck.Fluent;

namespace AkkaCompute.Protocol.Tests.Framing;

public sealed class SegmentFrameTests
{
    private static readonly SegmentFrame Sound = new("job-1", new AttemptRef(3, 2), 7, 2, new byte[] { 9, 8 });

    [Fact]
    public void It_is_laid_out_as_documented() => Sound.ToArray().ShouldBe(
        [1, 2, 0, 5, (byte)'j', (byte)'o', (byte)'b', (byte)'-', (byte)'1', 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 7, 9, 8]);

    [Fact]
    public void What_is_written_is_what_is_read() => Checks.ForAll(
        from id in Checks.Ids
        from task in Gen.Choose(0, JobSpec.TaskCountMax - 1)
        from attempt in Gen.Choose(1, int.MaxValue)
        from segment in Gen.Choose(0, int.MaxValue - 1)
        from stream in Gen.Choose(1, 2)
        from bytes in Checks.Bytes(100)
        select new SegmentFrame(id, new AttemptRef(task, attempt), segment, stream, bytes),
        frame =>
        {
            var written = frame.ToArray();
            var read = SegmentFrame.Parse(written);

            read.Bytes.ToArray().ShouldBe(frame.Bytes.ToArray());
            (read with { Bytes = frame.Bytes }).ShouldBe(frame);
            written.Length.ShouldBe(SegmentFrame.HeaderBytes(frame.JobId) + frame.Bytes.Length);
        });

    [Fact]
    public void No_bytes_at_all_are_an_empty_segment() => SegmentFrame.Parse((Sound with { Bytes = default }).ToArray()).Bytes.Length.ShouldBe(0);

    [Fact]
    public void The_largest_segment_passes_and_one_byte_more_does_not()
    {
        SegmentFrame.Parse((Sound with { Bytes = new byte[SegmentFrame.BytesMax] }).ToArray()).Bytes.Length.ShouldBe(SegmentFrame.BytesMax);
        Refused((Sound with { Bytes = new byte[SegmentFrame.BytesMax + 1] }).ToArray());
    }

    [Fact]
    public void Every_head_that_is_cut_off_is_refused()
    {
        var whole = Sound.ToArray();
        for (var length = 0; length < SegmentFrame.HeaderBytes(Sound.JobId); length++)
        {
            Refused(whole[..length]);
        }
    }

    [Theory]
    [InlineData(0, 0)] // version
    [InlineData(0, 2)]
    [InlineData(1, 0)] // stream
    [InlineData(1, 3)]
    [InlineData(3, 0)] // length of the id: what follows moves
    [InlineData(3, 65)]
    [InlineData(3, 255)]
    [InlineData(2, 255)]
    [InlineData(4, (byte)'J')] // the id
    [InlineData(4, (byte)'/')]
    [InlineData(4, 0)]
    [InlineData(4, 0xFF)]
    public void One_byte_out_of_its_limits_is_refused(int at, byte value)
    {
        var frame = Sound.ToArray();
        frame[at] = value;
        Refused(frame);
    }

    [Theory]
    [InlineData(9, -1)] // task
    [InlineData(9, int.MinValue)]
    [InlineData(13, 0)] // attempts begin at 1
    [InlineData(13, -1)]
    [InlineData(17, -1)] // segment
    public void Numbers_out_of_their_limits_are_refused(int at, int value)
    {
        var frame = Sound.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(at), value);
        Refused(frame);
    }

    [Fact]
    public void Whatever_comes_is_a_frame_or_refused() => Checks.ForAll(
        from bytes in Checks.Bytes(60)
        from version in Gen.Choose(0, 1)
        select bytes.Length > 0 ? [(byte)version, .. bytes[1..]] : bytes,
        bytes =>
        {
            try
            {
                SegmentFrame.Parse(bytes).ToArray().ShouldBe(bytes);
            }
            catch (FormatException)
            {
            }
        },
        2000);

    private static void Refused(byte[] frame) => Should.Throw<FormatException>(() => SegmentFrame.Parse(frame));
}
