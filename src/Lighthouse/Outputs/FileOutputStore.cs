using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Outputs;

/// <summary>Output as files, <c>JOB/TASK-ATTEMPT.seg</c>; the ends of small outputs come from the journal.</summary>
internal sealed partial class FileOutputStore : IOutputStore, IAsyncDisposable
{
    /// <summary>Files kept open; with more at work at once, each new one waits until the one used longest ago is flushed and closed.</summary>
    public const int FilesMax = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Job, AttemptRef Attempt), LinkedListNode<Entry>> _open = [];
    private readonly LinkedList<Entry> _byUse = []; // the latest first
    private readonly GatheringThread<SegmentFile> _flusher;
    private readonly string _folder;
    private readonly OutputLimits _limits;
    private readonly DiskSpace _space;
    private readonly IJobFeed _feed;
    private readonly PoolDatabase _database;
    private readonly Action<string> _flushFolder;
    private readonly TaskCompletionSource<Exception> _died = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="flushFolder">Has a folder's names on disk; <see cref="FolderSync.Flush"/> but in tests.</param>
    public FileOutputStore(
        string folder, OutputLimits limits, DiskSpace space, IJobFeed feed, PoolDatabase database, Action<string>? flushFolder = null)
    {
        _flushFolder = flushFolder ?? FolderSync.Flush;
        _folder = folder;
        _limits = limits;
        _space = space;
        _feed = feed;
        _database = database;
        Directory.CreateDirectory(folder);
        _flusher = new GatheringThread<SegmentFile>("akc outputs", limits.FilesMax, Flush, Die);
    }

    /// <summary>Completes when a bug ended the thread that flushes: no output would be acknowledged any more.</summary>
    public Task<Exception> Died => _died.Task;

    /// <summary>How many files are open now.</summary>
    public int OpenFiles
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Takes segments in the order of calls: it is written when the call returns, its task waits for the flush.</summary>
    public Task<int> AppendAsync(SegmentFrame segment, CancellationToken cancel)
    {
        try
        {
            return Append(segment).WaitAsync(cancel);
        }
        catch (UnauthorizedAccessException e)
        {
            return Task.FromException<int>(new IOException("output cannot be stored: " + e.Message, e));
        }
        catch (Exception e)
        {
            return Task.FromException<int>(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _flusher.DisposeAsync();
        lock (_gate)
        {
            foreach (var node in _open.Values.ToArray())
            {
                Close(node);
            }
        }
    }

    private Task<int> Append(in SegmentFrame segment)
    {
        if (!Ids.IsValid(segment.JobId))
        {
            throw new FormatException("not the id of a job");
        }

        while (true)
        {
            var file = Find(segment.JobId, segment.Attempt);
            if (file.Append(segment, _limits.BytesMax, _space.Take) is not { } appended)
            {
                continue; // closed just now to make room
            }

            if (appended.Written)
            {
                _feed.Changed(segment.JobId, segment.Attempt.Task);
            }

            if (appended.FlushWanted && !_flusher.Post(file))
            {
                throw new IOException("the Lighthouse is stopping");
            }

            return appended.Flushed;
        }
    }

    private void Flush(List<SegmentFile> files)
    {
        // The names of many new files need few flushes of their folders.
        var folders = new HashSet<string>();
        foreach (var file in files)
        {
            file.Flush(path =>
            {
                var folder = Path.GetDirectoryName(path)!;
                if (!folders.Contains(folder))
                {
                    FlushName(path);
                    folders.Add(folder); // only now: a failed flush is nobody else's
                }
            });
        }
    }

    private void Die(Exception e, IReadOnlyList<SegmentFile> dropped)
    {
        _died.TrySetResult(e);
        foreach (var file in dropped)
        {
            file.Fail(new IOException("the Lighthouse stores no output any more: a bug, see its log", e));
        }
    }

    private void FlushName(string path)
    {
        _flushFolder(Path.GetDirectoryName(path)!);
        _flushFolder(_folder);
    }

    private SegmentFile Find(string job, AttemptRef attempt)
    {
        lock (_gate)
        {
            if (_open.TryGetValue((job, attempt), out var node))
            {
                _byUse.Remove(node);
            }
            else
            {
                while (_open.Count >= _limits.FilesMax)
                {
                    var oldest = _byUse.Last!;
                    oldest.Value.File.Retire(FlushName);
                    Close(oldest);
                }

                node = new LinkedListNode<Entry>(new Entry((job, attempt), new SegmentFile(PathOf(job, attempt))));
                _open.Add(node.Value.Key, node);
            }

            _byUse.AddFirst(node);
            return node.Value.File;
        }
    }

    private void Close(LinkedListNode<Entry> node)
    {
        _open.Remove(node.Value.Key);
        _byUse.Remove(node);
        node.Value.File.Dispose();
    }

    private string PathOf(string job, AttemptRef attempt) => StoredOutput.PathOf(_folder, job, attempt);

    private sealed record Entry((string Job, AttemptRef Attempt) Key, SegmentFile File);
}

/// <summary>What a test makes small.</summary>
internal sealed record OutputLimits(long BytesMax = OutputLimitException.BytesMax, int FilesMax = FileOutputStore.FilesMax);
