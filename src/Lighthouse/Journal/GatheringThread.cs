namespace AkkaCompute.Lighthouse.Journal;

/// <summary>
/// A thread of its own for work that waits for a disk: it takes all that has gathered since the last time and does it at once.
/// </summary>
internal sealed class GatheringThread<T> : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<List<T>> _handle;
    private readonly int _groupMax;
    private readonly Queue<T> _gathered = new();
    private bool _sleeps;
    private bool _closed;

    /// <param name="handle">Does a group, oldest first. What it throws ends the thread and comes out of <see cref="DisposeAsync"/>.</param>
    public GatheringThread(string name, int groupMax, Action<List<T>> handle)
    {
        _handle = handle;
        _groupMax = groupMax;
        new Thread(Run) { Name = name, IsBackground = true }.Start();
    }

    /// <summary>False after the thread was closed: nothing comes of <paramref name="item"/>.</summary>
    public bool Post(T item)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _gathered.Enqueue(item);
            if (!_sleeps)
            {
                return true;
            }

            _sleeps = false;
        }

        _wake.Release();
        return true;
    }

    /// <summary>Takes no more, does what has gathered, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        await _ended.Task;
    }

    private void Close()
    {
        lock (_gate)
        {
            _closed = true;
            if (!_sleeps)
            {
                return;
            }

            _sleeps = false;
        }

        _wake.Release();
    }

    private void Run()
    {
        try
        {
            var group = new List<T>();
            while (Gather(group))
            {
                _handle(group);
                group.Clear();
            }

            _ended.SetResult();
        }
        catch (Exception e)
        {
            Close();
            _ended.SetException(e);
        }
    }

    private bool Gather(List<T> group)
    {
        while (true)
        {
            lock (_gate)
            {
                while (group.Count < _groupMax && _gathered.TryDequeue(out var item))
                {
                    group.Add(item);
                }

                if (group.Count > 0)
                {
                    return true;
                }

                if (_closed)
                {
                    return false;
                }

                _sleeps = true;
            }

            _wake.Wait();
        }
    }
}
