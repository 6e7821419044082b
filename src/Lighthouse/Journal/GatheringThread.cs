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
    private readonly Action<Exception, IReadOnlyList<T>> _died;
    private readonly int _groupMax;
    private readonly Queue<T> _gathered = new();
    private bool _sleeps;
    private bool _closed;

    /// <param name="handle">Does a group, oldest first. What it throws is a bug and ends the thread.</param>
    /// <param name="died">Is told of that once, with all that nothing came of: the process must not live on as if nothing had happened.</param>
    public GatheringThread(string name, int groupMax, Action<List<T>> handle, Action<Exception, IReadOnlyList<T>> died)
    {
        _handle = handle;
        _died = died;
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
        var group = new List<T>();
        try
        {
            while (Gather(group))
            {
                _handle(group);
                group.Clear();
            }
        }
        catch (Exception e)
        {
            Close();
            lock (_gate)
            {
                group.AddRange(_gathered);
                _gathered.Clear();
            }

            _died(e, group);
        }
        finally
        {
            _ended.SetResult();
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
