using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Outputs;

/// <summary>Output as files, <c>JOB/TASK-ATTEMPT.seg</c>; the ends of small outputs come from the journal.</summary>
internal sealed partial class FileOutputStore : IOutputStore, IAsyncDisposable
{
    /// <summary>Files kept open, and appends on their way: a process may have 1,024 files on many systems.</summary>
    public const int FilesMax = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Job, AttemptRef Attempt), LinkedListNode<Entry>> _open = [];
    private readonly LinkedList<Entry> _byUse = []; // the latest first
    private readonly SemaphoreSlim _appends;
    private readonly GatheringThread<SegmentFile> _flusher;
    private readonly string _folder;
    private readonly OutputLimits _limits;
    private readonly DiskSpace _space;
    private readonly IJobFeed _feed;
    private readonly PoolDatabase _database;

    public FileOutputStore(string folder, OutputLimits limits, DiskSpace space, IJobFeed feed, PoolDatabase database)
    {
        _folder = folder;
        _limits = limits;
        _space = space;
        _feed = feed;
        _database = database;
        _appends = new SemaphoreSlim(limits.FilesMax);
        Directory.CreateDirectory(folder);
        _flusher = new GatheringThread<SegmentFile>("akc outputs", limits.FilesMax, Flush);
    }

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

    public async Task<int> AppendAsync(SegmentFrame segment, CancellationToken cancel)
    {
        if (!Ids.IsValid(segment.JobId))
        {
            throw new FormatException("not the id of a job");
        }

        await _appends.WaitAsync(cancel);
        var entry = Rent(segment.JobId, segment.Attempt);
        try
        {
            var appended = entry.File.Append(segment, _limits.BytesMax, _space.Take);
            if (appended.Written)
            {
                _feed.Changed(segment.JobId, segment.Attempt.Task);
            }

            if (appended.FlushWanted && !_flusher.Post(entry.File))
            {
                throw new IOException("the Lighthouse is stopping");
            }

            // Not cancelled: whoever gives up waiting must not let the file be closed under the flush.
            return appended.Waiting is { } waiting ? await waiting.Task : appended.Next;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or ObjectDisposedException)
        {
            throw new IOException("output cannot be stored: " + e.Message, e);
        }
        finally
        {
            Return(entry);
            _appends.Release();
        }
    }

    public void Delete(string jobId)
    {
        if (!Ids.IsValid(jobId))
        {
            throw new FormatException("not the id of a job");
        }

        lock (_gate)
        {
            foreach (var node in _open.Values.Where(n => n.Value.Key.Job == jobId).ToArray())
            {
                Close(node);
            }
        }

        try
        {
            Directory.Delete(FolderOf(jobId), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
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

    private void Flush(List<SegmentFile> files)
    {
        var releases = new List<Action<Exception?>>(files.Count);
        var folders = new HashSet<string>();
        foreach (var file in files)
        {
            if (file.IsNew)
            {
                folders.Add(Path.GetDirectoryName(file.Path)!);
                folders.Add(_folder);
            }

            file.Flush(out var release);
            releases.Add(release);
        }

        IOException? failure = null;
        try
        {
            foreach (var folder in folders)
            {
                FolderSync.Flush(folder);
            }
        }
        catch (IOException e)
        {
            failure = e;
        }

        releases.ForEach(release => release(failure));
    }

    private Entry Rent(string job, AttemptRef attempt)
    {
        lock (_gate)
        {
            if (_open.TryGetValue((job, attempt), out var node))
            {
                _byUse.Remove(node);
            }
            else
            {
                MakeRoom();
                var file = new SegmentFile(PathOf(job, attempt));
                node = new LinkedListNode<Entry>(new Entry((job, attempt), file));
                _open.Add(node.Value.Key, node);
            }

            _byUse.AddFirst(node);
            node.Value.File.Users++;
            return node.Value;
        }
    }

    private void Return(Entry entry)
    {
        lock (_gate)
        {
            entry.File.Users--;
        }
    }

    private void MakeRoom()
    {
        for (var node = _byUse.Last; node is not null && _open.Count >= _limits.FilesMax;)
        {
            var earlier = node.Previous;
            if (node.Value.File.Users == 0)
            {
                Close(node);
            }

            node = earlier;
        }
    }

    private void Close(LinkedListNode<Entry> node)
    {
        _open.Remove(node.Value.Key);
        _byUse.Remove(node);
        node.Value.File.Dispose();
    }

    private string FolderOf(string job) => Path.Combine(_folder, job);

    private string PathOf(string job, AttemptRef attempt) => Path.Combine(FolderOf(job), $"{attempt.Task}-{attempt.Attempt}.seg");

    private sealed record Entry((string Job, AttemptRef Attempt) Key, SegmentFile File);
}

/// <summary>What a test makes small.</summary>
internal sealed record OutputLimits(long BytesMax = OutputLimitException.BytesMax, int FilesMax = FileOutputStore.FilesMax);
