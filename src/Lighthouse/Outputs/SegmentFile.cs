using AkkaCompute.Protocol.Framing;
using Microsoft.Win32.SafeHandles;

namespace AkkaCompute.Lighthouse.Outputs;

/// <summary>One attempt's output file. Segments are written at once and acknowledged by the next flush of the file.</summary>
internal sealed class SegmentFile(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Lock _flushGate = new(); // taken before the other
    private readonly byte[] _head = new byte[SegmentRecord.HeadBytes];
    private TaskCompletionSource<int>? _waiting; // all that waits for the next flush
    private SegmentIndex? _index;
    private SafeFileHandle? _handle;
    private (int Next, long Length) _flushed;
    private bool _isNameSure; // on disk; opened again it is not known: its maker may have been killed before the flush
    private bool _disposed;

    public string Path { get; } = path;

    /// <summary>Writes the segment if it is the next one; null when the file has been closed to make room.</summary>
    /// <exception cref="OutputLimitException">The file would have more than <paramref name="bytesMax"/>.</exception>
    /// <exception cref="IOException">The disk is full or broken; nothing of the segment is kept.</exception>
    public Appended? Append(in SegmentFrame segment, long bytesMax, Action<long> takeSpace)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return null;
            }

            var index = _index ??= Load();
            OpenIfThere(index);
            var written = segment.Segment == index.Next;
            if (written)
            {
                Write(segment, index, bytesMax, takeSpace);
            }

            if (_flushed.Next == index.Next && (_isNameSure || index.Next == 0))
            {
                return new Appended(written, FlushWanted: false, Task.FromResult(index.Next));
            }

            var flushWanted = _waiting is null;
            _waiting ??= new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            return new Appended(written, flushWanted, _waiting.Task);
        }
    }

    /// <summary>Where to begin to read for <paramref name="fromSegment"/>, and where what is stored now ends; null when it has been closed.</summary>
    public (int Segment, long Offset, long End)? Find(int fromSegment)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return null;
            }

            var index = _index ??= Load();
            var (segment, offset) = index.Before(fromSegment);
            return (segment, offset, index.Length);
        }
    }

    /// <summary>Has on disk what was written until now and tells those who wait for it.</summary>
    /// <param name="flushName">Has the file's name on disk.</param>
    public void Flush(Action<string> flushName)
    {
        lock (_flushGate)
        {
            TaskCompletionSource<int>? waiting;
            (int Next, long Length) written;
            lock (_gate)
            {
                (waiting, _waiting) = (_waiting, null);
                if (waiting is null)
                {
                    return;
                }

                written = (_index!.Next, _index.Length);
            }

            try
            {
                RandomAccess.FlushToDisk(_handle ?? throw new IOException("the file is closed"));
                if (!_isNameSure)
                {
                    flushName(Path);
                }
            }
            catch (Exception e)
            {
                Revert(waiting, e as IOException ?? new IOException("output cannot be stored: " + e.Message, e));
                return;
            }

            lock (_gate)
            {
                _isNameSure = true;
                _flushed = written;
            }

            waiting.SetResult(written.Next);
        }
    }

    /// <summary>Takes nothing more; whoever waits hears of the flush before it is closed.</summary>
    public void Retire(Action<string> flushName)
    {
        lock (_gate)
        {
            _disposed = true;
        }

        Flush(flushName);
        Dispose();
    }

    /// <summary>Nobody will flush it any more.</summary>
    public void Fail(IOException failure)
    {
        lock (_flushGate)
        {
            Revert(waiting: null, failure);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _handle?.Dispose();
            _handle = null;
        }
    }

    private SegmentIndex Load() => File.Exists(Path) ? SegmentIndex.Scan(Path) : new SegmentIndex();

    // Only for appends: readers of old output open and change nothing.
    private void OpenIfThere(SegmentIndex index)
    {
        if (_handle is not null || index.Next == 0)
        {
            return;
        }

        var handle = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            if (RandomAccess.GetLength(handle) > index.Length)
            {
                RandomAccess.SetLength(handle, index.Length);
            }

            // Read back is not flushed: a crash may have come between.
            RandomAccess.FlushToDisk(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        _handle = handle;
        _flushed = (index.Next, index.Length);
    }

    private void Write(in SegmentFrame segment, SegmentIndex index, long bytesMax, Action<long> takeSpace)
    {
        var record = SegmentRecord.Of(segment.Stream, segment.Bytes.Span);
        if (index.Length + record.TotalBytes > bytesMax)
        {
            throw new OutputLimitException(bytesMax);
        }

        takeSpace(record.TotalBytes);
        if (_handle is null)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            _handle = File.OpenHandle(Path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            _isNameSure = false;
        }

        record.Write(_head);
        try
        {
            RandomAccess.Write(_handle, [_head, segment.Bytes], index.Length);
        }
        catch
        {
            DropHandle();
            throw;
        }

        index.Add(record.TotalBytes);
    }

    // After a failed flush the system may have dropped what it could not write: begin again at what is sure. Never throws.
    private void Revert(TaskCompletionSource<int>? waiting, IOException failure)
    {
        TaskCompletionSource<int>? later;
        lock (_gate)
        {
            (later, _waiting) = (_waiting, null);
            _index?.CutTo(_flushed.Next, _flushed.Length);
            DropHandle();
        }

        waiting?.SetException(failure);
        later?.SetException(failure);
    }

    // The next append opens it again and cuts off what is too much; readers stop at the index.
    private void DropHandle()
    {
        _handle?.Dispose();
        _handle = null;
    }
}

/// <param name="FlushWanted">Nobody has asked for the flush yet.</param>
/// <param name="Flushed">The next segment wanted, once all before it is on disk.</param>
internal readonly record struct Appended(bool Written, bool FlushWanted, Task<int> Flushed);
