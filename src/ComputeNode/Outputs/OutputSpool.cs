using System.Buffers.Binary;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Outputs;

/// <summary>
/// One attempt's output on its way: numbered segments, sent within a window and kept until they are acknowledged. What the
/// window does not hold waits in a file, first in first out, so a Lighthouse that is away costs disk and not memory.
/// Thread-safe.
/// </summary>
internal sealed class OutputSpool(string jobId, AttemptRef attempt, string overflowFile) : IDisposable
{
    /// <summary>Unacknowledged bytes kept in memory: what the link may have on its way, and no more.</summary>
    private const int WindowBytesMax = LinkTimes.WindowBytesMax;

    private const int RecordHeadBytes = 5;

    /// <summary>A task may print faster than the link carries it away; so much of the disk stays the owner's.</summary>
    private const long DiskReserveBytes = 1L << 30;
    private const long RoomCheckBytes = 64L << 20;

    private readonly Lock gate = new();
    private readonly Queue<(int Stream, byte[] Bytes)> window = new(); // segments acked..: unacknowledged, oldest first
    private byte[] open = []; // the segment that still grows, up to SegmentFrame.BytesMax; most tasks print a line or nothing
    private readonly TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int openStream;
    private int openBytes;
    private int windowBytes;
    private int acked;
    private int sent; // segments below this were given to the link
    private FileStream? overflow;
    private long overflowRead;
    private long overflowWritten;
    private long roomCheckedAt;
    private long ackedBytes;
    private bool isEnded;
    private bool isAbandoned;

    /// <summary>All bytes so far; of an abandoned spool those that were acknowledged.</summary>
    public long Bytes { get; private set; }

    /// <summary>Completes when, after <see cref="End"/>, everything is acknowledged.</summary>
    public Task Settled => settled.Task;

    /// <exception cref="IOException">The overflow file can't be written.</exception>
    public void Append(int stream, ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            if (isAbandoned)
            {
                return;
            }

            Bytes += bytes.Length;
            while (!bytes.IsEmpty)
            {
                if (openBytes > 0 && (openStream != stream || openBytes == SegmentFrame.BytesMax))
                {
                    Seal();
                }

                openStream = stream;
                var part = bytes[..Math.Min(bytes.Length, SegmentFrame.BytesMax - openBytes)];
                MakeRoom(openBytes + part.Length);
                part.CopyTo(open.AsSpan(openBytes));
                openBytes += part.Length;
                bytes = bytes[part.Length..];
            }
        }
    }

    /// <summary>
    /// No more comes. When nothing was sent yet and it all fits, it is given back to travel with the result and the spool is settled.
    /// </summary>
    public InlineOutput? End()
    {
        lock (gate)
        {
            isEnded = true;
            if (isAbandoned)
            {
                return null;
            }

            if (sent == 0 && Bytes <= InlineOutput.BytesMax)
            {
                var all = window.Select(s => new InlineSegment(s.Stream, s.Bytes)).ToList();
                if (openBytes > 0)
                {
                    all.Add(new InlineSegment(openStream, open[..openBytes]));
                }

                window.Clear();
                settled.TrySetResult();
                return all.Count > 0 ? new InlineOutput(all) : null;
            }

            SettleIfDone();
            return null;
        }
    }

    /// <summary>Number of segments made; final after <see cref="Settled"/>.</summary>
    public int Segments
    {
        get
        {
            lock (gate)
            {
                return acked;
            }
        }
    }

    /// <summary>Gives the link what it takes; the rest waits for the next call.</summary>
    public void Send(Func<SegmentFrame, bool> trySend)
    {
        lock (gate)
        {
            if (isEnded && settled.Task.IsCompleted)
            {
                return;
            }

            while (true)
            {
                var index = acked;
                foreach (var (stream, bytes) in window)
                {
                    if (index >= sent)
                    {
                        if (!trySend(new SegmentFrame(jobId, attempt, index, stream, bytes)))
                        {
                            return;
                        }

                        sent = index + 1;
                    }

                    index++;
                }

                if (!Refill())
                {
                    return;
                }
            }
        }
    }

    /// <summary>Segments below <paramref name="next"/> are on disk at the Lighthouse.</summary>
    public void Acked(int next)
    {
        lock (gate)
        {
            while (acked < next && window.TryDequeue(out var segment))
            {
                windowBytes -= segment.Bytes.Length;
                ackedBytes += segment.Bytes.Length;
                acked++;
            }

            sent = Math.Max(sent, acked);
            SettleIfDone();
        }
    }

    /// <summary>Nobody takes the rest: what was acknowledged is all there is, and it is settled.</summary>
    public void Abandon()
    {
        lock (gate)
        {
            isAbandoned = true;
            isEnded = true;
            window.Clear();
            windowBytes = 0;
            openBytes = 0;
            overflowRead = overflowWritten = roomCheckedAt = 0;
            overflow?.SetLength(0);
            sent = acked;
            Bytes = ackedBytes;
            settled.TrySetResult();
        }
    }

    /// <summary>A new connection: whatever is not acknowledged is sent again.</summary>
    public void SendAgain()
    {
        lock (gate)
        {
            sent = acked;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isEnded = true;
            settled.TrySetCanceled();
            window.Clear();
            if (overflow is not null)
            {
                overflow.Dispose();
                overflow = null;
                File.Delete(overflowFile);
            }
        }
    }

    /// <summary>Moves what waits into the window. False when nothing could be moved.</summary>
    private bool Refill()
    {
        if (windowBytes >= WindowBytesMax)
        {
            return false;
        }

        if (overflowRead < overflowWritten)
        {
            Span<byte> head = stackalloc byte[RecordHeadBytes];
            overflow!.Position = overflowRead;
            overflow.ReadExactly(head);
            var bytes = new byte[BinaryPrimitives.ReadInt32LittleEndian(head[1..])];
            overflow.ReadExactly(bytes);
            overflowRead = overflow.Position;
            Enqueue(head[0], bytes);
            if (overflowRead == overflowWritten)
            {
                overflow.SetLength(0);
                overflowRead = overflowWritten = roomCheckedAt = 0;
            }

            return true;
        }

        if (openBytes == 0)
        {
            return false;
        }

        Enqueue(openStream, open[..openBytes]);
        openBytes = 0;
        return true;
    }

    private void Seal()
    {
        var bytes = open.AsSpan(0, openBytes);
        if (overflowRead == overflowWritten && windowBytes < WindowBytesMax)
        {
            Enqueue(openStream, bytes.ToArray());
        }
        else
        {
            overflow ??= new FileStream(overflowFile, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
            Span<byte> head = stackalloc byte[RecordHeadBytes];
            head[0] = (byte)openStream;
            BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
            overflow.Position = overflowWritten;
            overflow.Write(head);
            overflow.Write(bytes);
            overflowWritten = overflow.Position;
            LeaveRoom();
        }

        openBytes = 0;
    }

    /// <exception cref="IOException">The owner's disk is nearly full.</exception>
    private void LeaveRoom()
    {
        if (overflowWritten - roomCheckedAt >= RoomCheckBytes)
        {
            roomCheckedAt = overflowWritten;
            if (new DriveInfo(overflowFile).AvailableFreeSpace < DiskReserveBytes)
            {
                throw new IOException($"less than {DiskReserveBytes >> 20} MiB of the node's disk would stay free");
            }
        }
    }

    private void MakeRoom(int bytes)
    {
        if (bytes > open.Length)
        {
            Array.Resize(ref open, Math.Min(SegmentFrame.BytesMax, Math.Max(bytes, open.Length * 2)));
        }
    }

    private void Enqueue(int stream, byte[] bytes)
    {
        window.Enqueue((stream, bytes));
        windowBytes += bytes.Length;
    }

    private void SettleIfDone()
    {
        if (isEnded && window.Count == 0 && openBytes == 0 && overflowRead == overflowWritten)
        {
            settled.TrySetResult();
        }
    }
}
