using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.ComputeNode.Link;

/// <summary>
/// What waits for the one sender of a session: control messages first, then output. Empty and closed while the link is down;
/// whoever sent has to send again then. Thread-safe.
/// </summary>
internal sealed class LinkOutbox : IDisposable
{
    /// <summary>Enough to keep the uplink busy while the executor makes the next segments.</summary>
    public const int SegmentBytesMax = LinkTimes.WindowBytesMax;

    /// <summary>Results carry up to 64 KiB each; the Worker sends lost ones again, so a stuck link drops instead of growing.</summary>
    public const int ControlMessagesMax = 20_000;

    private readonly Lock gate = new();
    private readonly Queue<LinkMessage> control = new();
    private readonly Queue<byte[]> segments = new();
    private readonly SemaphoreSlim signal = new(0, 1);
    private long segmentBytes;
    private bool open;
    private bool turnedAway;

    /// <summary>Somebody was turned away and half of the room for output is free again.</summary>
    public event Action? HasRoom;

    public void Open()
    {
        lock (gate)
        {
            open = true;
        }
    }

    public void Close()
    {
        lock (gate)
        {
            open = false;
            turnedAway = false;
            control.Clear();
            segments.Clear();
            segmentBytes = 0;
        }
    }

    /// <summary>False when the link is down or stuck: the message is dropped.</summary>
    public bool Post(LinkMessage message)
    {
        lock (gate)
        {
            if (!open || control.Count >= ControlMessagesMax)
            {
                return false;
            }

            control.Enqueue(message);
            Wake();
            return true;
        }
    }

    /// <summary>False when the link is down or the room for output is full. The bytes are copied: their owner may reuse them.</summary>
    public bool TrySend(SegmentFrame segment)
    {
        lock (gate)
        {
            if (!open || segmentBytes >= SegmentBytesMax)
            {
                turnedAway = open;
                return false;
            }
        }

        var frame = segment.ToArray();
        lock (gate)
        {
            if (!open)
            {
                return false;
            }

            segments.Enqueue(frame);
            segmentBytes += frame.Length;
            Wake();
            return true;
        }
    }

    public Task WaitAsync(CancellationToken cancel) => signal.WaitAsync(cancel);

    /// <summary>Moves all control messages to <paramref name="into"/>.</summary>
    public void TakeControl(List<LinkMessage> into)
    {
        lock (gate)
        {
            into.AddRange(control);
            control.Clear();
        }
    }

    public byte[]? TakeSegment()
    {
        byte[]? frame;
        var hasRoom = false;
        lock (gate)
        {
            if (segments.TryDequeue(out frame))
            {
                segmentBytes -= frame.Length;
                hasRoom = turnedAway && segmentBytes <= SegmentBytesMax / 2;
                turnedAway &= !hasRoom;
            }
        }

        if (hasRoom)
        {
            HasRoom?.Invoke();
        }

        return frame;
    }

    public void Dispose() => signal.Dispose();

    private void Wake()
    {
        if (signal.CurrentCount == 0)
        {
            signal.Release();
        }
    }
}
