using AkkaCompute.ComputeNode.Outputs;
using AkkaCompute.ComputeNode.Tests.Link;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Tests.Outputs;

/// <summary>A spool, a link that takes so many segments, and what the link was given.</summary>
internal sealed class SpoolUnderTest : IDisposable
{
    private readonly TempFolder folder = new();

    public SpoolUnderTest(string overflowName = "out.spool")
    {
        OverflowFile = folder[overflowName];
        Spool = new OutputSpool("j1", new AttemptRef(3, 2), OverflowFile);
    }

    public OutputSpool Spool { get; }

    public string OverflowFile { get; }

    /// <summary>All that was given to the link, resent segments twice.</summary>
    public List<SegmentFrame> Sent { get; } = [];

    /// <summary>What has reached the Lighthouse, by segment.</summary>
    public SortedDictionary<int, (int Stream, byte[] Bytes)> Stored { get; } = [];

    /// <summary>Segments that the link still takes.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>Bytes that can be told apart wherever they are cut.</summary>
    public static byte[] Pattern(int count, int from = 0) => [.. Enumerable.Range(from, count).Select(i => (byte)(i * 31 + i / 251))];

    public void Send() => Spool.Send(frame =>
    {
        if (Room == 0)
        {
            return false;
        }

        Room--;
        Sent.Add(frame);
        var bytes = frame.Bytes.ToArray();
        if (Stored.TryGetValue(frame.Segment, out var before))
        {
            before.Stream.ShouldBe(frame.Stream);
            before.Bytes.AsSpan().SequenceEqual(bytes).ShouldBeTrue("a segment never changes");
        }

        Stored[frame.Segment] = (frame.Stream, bytes);
        return true;
    });

    /// <summary>The Lighthouse acknowledges all that it has.</summary>
    public void Ack() => Spool.Acked(Stored.Count);

    /// <summary>Sends and acknowledges until nothing more comes.</summary>
    public void Drain()
    {
        for (var before = -1; before != Stored.Count; Ack())
        {
            before = Stored.Count;
            Send();
        }
    }

    public byte[] All(int stream) => [.. Stored.Values.Where(s => s.Stream == stream).SelectMany(s => s.Bytes)];

    public void Dispose()
    {
        Spool.Dispose();
        folder.Dispose();
    }
}
