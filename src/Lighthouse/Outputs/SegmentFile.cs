using AkkaCompute.Protocol.Framing;
using Microsoft.Win32.SafeHandles;

namespace AkkaCompute.Lighthouse.Outputs;

/// <summary>One attempt's output file. Segments are written at once and acknowledged by the next flush of the file.</summary>
internal sealed class SegmentFile(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly byte[] _head = new byte[SegmentRecord.HeadBytes];
    private List<TaskCompletionSource<int>> _waiting = [];
    private SegmentIndex? _index;
    private SafeFileHandle? _handle;
    private (int Next, long Length) _flushed;
    private bool _disposed;

    public string Path { get; } = path;

    /// <summary>Who uses it now, counted under the store's gate; only at 0 it may be closed to make room.</summary>
    public int Users { get; set; }

    /// <summary>It was made by this process, and its name is not known to be on disk.</summary>
    public bool IsNew { get; private set; }

    /// <summary>Writes the segment if it is the next one.</summary>
    /// <exception cref="OutputLimitException">The file would have more than <paramref name="bytesMax"/>.</exception>
    public Appended Append(in SegmentFrame segment, long bytesMax, Action<long> takeSpace)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var index = _index ??= Load();
            OpenIfThere(index);
            var written = segment.Segment == index.Next;
            if (written)
            {
                Write(segment, index, bytesMax, takeSpace);
            }

            if (_flushed.Next == index.Next)
            {
                return new Appended(index.Next, written, FlushWanted: false, Waiting: null);
            }

            var waiting = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(waiting);
            return new Appended(index.Next, written, FlushWanted: _waiting.Count == 1, waiting);
        }
    }

    /// <summary>Where to begin to read for <paramref name="fromSegment"/>, and where what is stored now ends.</summary>
    public (int Segment, long Offset, long End) Find(int fromSegment)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var index = _index ??= Load();
            var (segment, offset) = index.Before(fromSegment);
            return (segment, offset, index.Length);
        }
    }

    /// <summary>Has on disk what was written until now; then <paramref name="release"/> may tell those who wait for it.</summary>
    public void Flush(out Action<Exception?> release)
    {
        List<TaskCompletionSource<int>> waiting;
        (int Next, long Length) written;
        SafeFileHandle? handle;
        lock (_gate)
        {
            (waiting, _waiting) = (_waiting, []);
            written = (_index?.Next ?? 0, _index?.Length ?? 0);
            handle = _handle;
        }

        Exception? failure = null;
        try
        {
            RandomAccess.FlushToDisk(handle ?? throw new IOException("the job's output was deleted"));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            failure = e;
        }

        release = folderFailure => Release(waiting, written, failure ?? folderFailure);
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

        _handle = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        if (RandomAccess.GetLength(_handle) > index.Length)
        {
            RandomAccess.SetLength(_handle, index.Length);
        }

        // Read back is not flushed: a crash may have come between.
        RandomAccess.FlushToDisk(_handle);
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
            IsNew = true;
        }

        record.Write(_head);
        try
        {
            RandomAccess.Write(_handle, [_head, segment.Bytes], index.Length);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_handle, index.Length);
            throw;
        }

        index.Add(record.TotalBytes);
    }

    private void Release(List<TaskCompletionSource<int>> waiting, (int Next, long Length) written, Exception? failure)
    {
        lock (_gate)
        {
            if (failure is null)
            {
                IsNew = false;
                _flushed = written;
            }
            else if (_handle is { } handle && _index is { } index)
            {
                // After a failed flush the system may have dropped what it could not write: begin again at what is sure.
                index.CutTo(_flushed.Next, _flushed.Length);
                waiting.AddRange(_waiting);
                _waiting = [];
                RandomAccess.SetLength(handle, _flushed.Length);
            }
        }

        foreach (var one in waiting)
        {
            if (failure is null)
            {
                one.TrySetResult(written.Next);
            }
            else
            {
                one.TrySetException(failure as IOException ?? new IOException("output cannot be stored: " + failure.Message, failure));
            }
        }
    }
}

/// <param name="Next">Number of the next segment wanted.</param>
/// <param name="FlushWanted">Nobody has asked for the flush yet.</param>
/// <param name="Waiting">Completes at a flush that covers all there is now; null when one has covered it already.</param>
internal readonly record struct Appended(int Next, bool Written, bool FlushWanted, TaskCompletionSource<int>? Waiting);
