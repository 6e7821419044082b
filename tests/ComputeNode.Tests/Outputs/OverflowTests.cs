using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Link;
using static AkkaCompute.ComputeNode.Tests.Outputs.SpoolUnderTest;

namespace AkkaCompute.ComputeNode.Tests.Outputs;

/// <summary>More output than the window holds waits in a file.</summary>
public sealed class OverflowTests : IDisposable
{
    private const int Chunk = 100_000; // no multiple of a segment
    private readonly SpoolUnderTest output = new();

    public void Dispose() => output.Dispose();

    [Fact]
    public void What_fits_the_window_needs_no_file()
    {
        output.Spool.Append(1, Pattern(LinkTimes.WindowBytesMax));
        File.Exists(output.OverflowFile).ShouldBeFalse();
        output.Spool.Append(1, Pattern(2 * SegmentFrame.BytesMax));
        File.Exists(output.OverflowFile).ShouldBeTrue();
    }

    [Fact]
    public async Task Bytes_and_order_survive_a_Lighthouse_that_is_away()
    {
        var (written, streams) = Write(0, 200);
        output.Spool.End().ShouldBeNull();
        new FileInfo(output.OverflowFile).Length.ShouldBeGreaterThan(0);
        output.Drain();

        ShouldHave(written, streams);
        await output.Spool.Settled.WaitAsync(TestContext.Current.CancellationToken);
        output.Spool.Segments.ShouldBe(output.Stored.Count);
        output.Spool.Bytes.ShouldBe(written.Sum(w => (long)w.Length));
    }

    [Fact]
    public void Output_that_comes_while_the_file_is_read_goes_behind_it()
    {
        var (written, streams) = Write(0, 120);
        for (var i = 120; i < 200; i++)
        {
            output.Room = 1;
            output.Send();
            output.Ack();
            var (more, moreStreams) = Write(i, 1);
            written.AddRange(more);
            streams.AddRange(moreStreams);
        }

        output.Room = int.MaxValue;
        output.Drain();
        ShouldHave(written, streams);
    }

    [Fact]
    public void A_reconnect_in_the_middle_loses_nothing_and_reorders_nothing()
    {
        var (written, streams) = Write(0, 200);
        for (var round = 1; output.Stored.Count < 300 && round < 1000; round++)
        {
            output.Room = round % 7;
            output.Send();
            output.Spool.Acked(output.Stored.Count / 2);
            output.Spool.SendAgain();
        }

        output.Room = int.MaxValue;
        output.Drain();
        ShouldHave(written, streams);
    }

    [Fact]
    public void The_file_shrinks_to_nothing_when_it_was_read_and_serves_again()
    {
        Write(0, 100);
        output.Drain();
        new FileInfo(output.OverflowFile).Length.ShouldBe(0);
        var (written, streams) = Write(0, 100);
        output.Stored.Clear();
        var first = output.Spool.Segments;
        while (Sent(first) > 0)
        {
            output.Spool.Acked(first + output.Stored.Count);
        }

        ShouldHave(written, streams);

        int Sent(int from)
        {
            var before = output.Stored.Count;
            output.Send();
            output.Stored.Keys.ShouldAllBe(k => k >= from);
            return output.Stored.Count - before;
        }
    }

    [Fact]
    public void It_is_deleted_with_the_spool()
    {
        Write(0, 100);
        var ended = output.Spool.Settled;
        output.Spool.Dispose();
        File.Exists(output.OverflowFile).ShouldBeFalse();
        ended.IsCanceled.ShouldBeTrue(); // who waits for it waits no longer
    }

    [Fact]
    public void What_nobody_takes_any_more_is_given_up_and_what_was_acknowledged_counts()
    {
        Write(0, 100);
        output.Room = 3;
        output.Send();
        output.Spool.Acked(2);
        output.Spool.Abandon();
        output.Spool.Append(1, Pattern(Chunk));
        output.Room = int.MaxValue;
        output.Sent.Clear();
        output.Send();

        output.Sent.ShouldBeEmpty();
        output.Spool.End().ShouldBeNull();
        output.Spool.Settled.IsCompletedSuccessfully.ShouldBeTrue();
        output.Spool.Segments.ShouldBe(2);
        output.Spool.Bytes.ShouldBe(output.Stored.Values.Take(2).Sum(s => s.Bytes.Length));
    }

    [Fact]
    public void A_file_that_cannot_be_made_is_told_and_what_was_taken_stays()
    {
        using var broken = new SpoolUnderTest("no/such/folder");
        broken.Spool.Append(1, Pattern(LinkTimes.WindowBytesMax));
        Should.Throw<IOException>(() => broken.Spool.Append(1, Pattern(2 * SegmentFrame.BytesMax)));
        broken.Send();
        broken.Stored.Values.Sum(s => s.Bytes.Length).ShouldBe(LinkTimes.WindowBytesMax);
    }

    /// <summary>Chunks, two of stdout and one of stderr in turn.</summary>
    private (List<byte[]> Written, List<int> Streams) Write(int first, int count)
    {
        var (written, streams) = (new List<byte[]>(), new List<int>());
        for (var i = first; i < first + count; i++)
        {
            written.Add(Pattern(Chunk, from: i * 1000));
            streams.Add(i % 3 == 2 ? 2 : 1);
            output.Spool.Append(streams[^1], written[^1]);
        }

        return (written, streams);
    }

    private void ShouldHave(List<byte[]> written, List<int> streams)
    {
        Runs(output.Stored.Values.Select(s => (s.Stream, s.Bytes.Length))).ShouldBe(Runs(streams.Zip(written, (s, w) => (s, w.Length))));
        foreach (var stream in new[] { 1, 2 })
        {
            var expected = written.Where((_, i) => streams[i] == stream).SelectMany(w => w).ToArray();
            output.All(stream).AsSpan().SequenceEqual(expected).ShouldBeTrue();
        }
    }

    /// <summary>How many bytes came before each change of the stream.</summary>
    private static List<(int Stream, int Bytes)> Runs(IEnumerable<(int Stream, int Bytes)> pieces)
    {
        var runs = new List<(int Stream, int Bytes)>();
        foreach (var (stream, bytes) in pieces)
        {
            if (runs.Count > 0 && runs[^1].Stream == stream)
            {
                runs[^1] = (stream, runs[^1].Bytes + bytes);
            }
            else
            {
                runs.Add((stream, bytes));
            }
        }

        return runs;
    }
}
