using System.Text;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.ComputeNode.Tests.Outputs.SpoolUnderTest;

namespace AkkaCompute.ComputeNode.Tests.Outputs;

/// <summary>Segments, the window and the acknowledgements.</summary>
public sealed class OutputSpoolTests : IDisposable
{
    private readonly SpoolUnderTest output = new();

    public void Dispose() => output.Dispose();

    [Fact]
    public void Little_output_that_was_not_sent_travels_with_the_result_streams_in_order()
    {
        output.Spool.Append(1, "one "u8);
        output.Spool.Append(1, "two"u8);
        output.Spool.Append(2, "oops"u8);
        output.Spool.Append(1, "three"u8);
        var inline = output.Spool.End();

        inline!.Segments.Select(s => (s.Stream, Encoding.UTF8.GetString(s.Bytes))).ShouldBe([(1, "one two"), (2, "oops"), (1, "three")]);
        output.Spool.Settled.IsCompletedSuccessfully.ShouldBeTrue();
        (output.Spool.Segments, output.Spool.Bytes).ShouldBe((0, 16));
        output.Send();
        output.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void No_output_settles_at_once()
    {
        output.Spool.End().ShouldBeNull();
        output.Spool.Settled.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void The_limit_of_inline_output_is_64_KiB(int more, bool isInline)
    {
        output.Spool.Append(1, Pattern(InlineOutput.BytesMax));
        output.Spool.Append(2, Pattern(more));

        (output.Spool.End() is not null).ShouldBe(isInline);
        output.Spool.Settled.IsCompleted.ShouldBe(isInline);
        output.Drain();
        output.Stored.Count.ShouldBe(isInline ? 0 : 2);
        output.Spool.Settled.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void Output_of_which_some_was_sent_goes_on_as_segments()
    {
        output.Spool.Append(1, "first"u8);
        output.Send();
        output.Spool.Append(1, "second"u8);
        output.Spool.End().ShouldBeNull();
        output.Spool.Settled.IsCompleted.ShouldBeFalse();
        output.Send();

        output.Sent.ShouldAllBe(f => f.JobId == "j1" && f.Attempt.Task == 3 && f.Attempt.Attempt == 2);
        output.Stored.Values.Select(s => Encoding.UTF8.GetString(s.Bytes)).ShouldBe(["first", "second"]);
        output.Spool.Acked(1);
        output.Spool.Settled.IsCompleted.ShouldBeFalse();
        output.Spool.Acked(2);
        output.Spool.Settled.IsCompletedSuccessfully.ShouldBeTrue();
        (output.Spool.Segments, output.Spool.Bytes).ShouldBe((2, 11));
    }

    [Fact]
    public void An_open_segment_grows_to_exactly_its_limit_whatever_the_pieces()
    {
        const int piece = 4097; // no divisor of the limit
        for (var i = 0; i * piece < 3 * SegmentFrame.BytesMax; i++)
        {
            output.Spool.Append(1, Pattern(piece, from: i * piece));
        }

        output.Drain();
        output.Stored.Values.Take(3).ShouldAllBe(s => s.Bytes.Length == SegmentFrame.BytesMax);
        output.All(1).AsSpan().SequenceEqual(Pattern((int)output.Spool.Bytes)).ShouldBeTrue();
    }

    [Fact]
    public void One_write_of_exactly_a_segment_is_one_and_one_byte_more_is_two()
    {
        output.Spool.Append(1, Pattern(SegmentFrame.BytesMax));
        output.Drain();
        output.Stored.Values.Select(s => s.Bytes.Length).ShouldBe([SegmentFrame.BytesMax]);
        output.Spool.Append(1, Pattern(SegmentFrame.BytesMax + 1));
        output.Drain();
        output.Stored.Values.Select(s => s.Bytes.Length).ShouldBe([SegmentFrame.BytesMax, SegmentFrame.BytesMax, 1]);
    }

    [Fact]
    public void What_a_full_link_did_not_take_is_sent_later_and_nothing_twice()
    {
        output.Spool.Append(1, Pattern(5 * SegmentFrame.BytesMax));
        output.Room = 2;
        output.Send();
        output.Send();
        output.Sent.Select(f => f.Segment).ShouldBe([0, 1]);
        output.Room = int.MaxValue;
        output.Send();
        output.Sent.Select(f => f.Segment).ShouldBe([0, 1, 2, 3, 4]);
    }

    [Fact]
    public void No_more_than_the_window_is_on_its_way()
    {
        output.Spool.Append(1, Pattern(2 * LinkTimes.WindowBytesMax));
        output.Send();
        var onItsWay = output.Sent.Sum(f => f.Bytes.Length);
        onItsWay.ShouldBe(LinkTimes.WindowBytesMax);

        output.Spool.Acked(3);
        output.Send();
        output.Sent.Sum(f => f.Bytes.Length).ShouldBe(onItsWay + 3 * SegmentFrame.BytesMax);
    }

    [Fact]
    public void After_a_reconnect_all_that_is_not_acknowledged_is_sent_again_the_same()
    {
        output.Spool.Append(1, "a"u8);
        output.Send();
        output.Spool.Append(2, "b"u8);
        output.Send();
        output.Spool.Append(1, "c"u8);
        output.Send();
        output.Spool.Acked(1);
        output.Sent.Clear();
        output.Spool.SendAgain();
        output.Spool.Append(1, "d"u8);
        output.Send();

        output.Sent.Select(f => (f.Segment, f.Stream, Encoding.UTF8.GetString(f.Bytes.Span))).ShouldBe(
            [(1, 2, "b"), (2, 1, "c"), (3, 1, "d")]);
    }

    [Fact]
    public void Inline_output_keeps_the_segments_that_an_older_connection_may_have_delivered()
    {
        output.Spool.Append(1, "a"u8);
        output.Send();
        output.Spool.SendAgain();
        output.Spool.Append(1, "b"u8);

        output.Spool.End()!.Segments.Select(s => Encoding.UTF8.GetString(s.Bytes)).ShouldBe(["a", "b"]);
        output.Spool.Segments.ShouldBe(0);
    }

    [Fact]
    public void A_late_and_a_repeated_acknowledgement_change_nothing()
    {
        output.Spool.Append(1, Pattern(3 * SegmentFrame.BytesMax));
        output.Send();
        output.Spool.Acked(2);
        output.Spool.Acked(1);
        output.Spool.Acked(2);
        output.Spool.Segments.ShouldBe(2);
        output.Spool.SendAgain();
        output.Sent.Clear();
        output.Send();
        output.Sent.Select(f => f.Segment).ShouldBe([2]);
    }
}
