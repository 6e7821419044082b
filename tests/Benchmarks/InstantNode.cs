using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Benchmarks;

/// <summary>A node's session without a socket: each task has ended when it arrives, up to a task index.</summary>
internal sealed class InstantNode(Pool pool, int cores) : INodeSession, IDisposable
{
    private readonly SemaphoreSlim _changed = new(0);
    private volatile int _stopsAt = int.MaxValue;
    private int _done;
    private Timer? _heartbeats;

    public string NodeId => "instant";

    public long Connection { get; } = pool.NextConnection();

    public string RemoteAddress => "local";

    public long OpenedAt => 0;

    public void Connect()
    {
        pool.SessionOpened(this);
        var offer = new NodeOffer(new Resources(cores, (long)cores << 32, 0), new Dictionary<string, string>(), "bubblewrap", null, []);
        var usage = new NodeUsage(0, 0, 8L << 30, 100L << 30, Paused: false);
        pool.Send(new(Address.Fleet, new NodeConnected(NodeId, NodeId, "ann", "boot", Connection, offer, usage, [])));
        _heartbeats = new Timer(_ => pool.Send(new(Address.Fleet, new NodeHeartbeat(NodeId, "boot", Connection, null, usage, []))), null, 1000, 1000);
    }

    public void Dispose() => _heartbeats?.Dispose();

    public void Close(string reason) => throw new InvalidOperationException($"the session was closed: {reason}");

    public void Post(LinkMessage message)
    {
        if (message is not LinkAssign { Message: { } assign })
        {
            return;
        }

        foreach (var range in assign.Tasks)
        {
            for (var task = range.First; task < range.End; task++)
            {
                if (task < _stopsAt)
                {
                    pool.Send(new(
                        Address.Job(assign.Lease.JobId),
                        new TaskFinished(assign.Lease.JobId, new(task, range.Attempt), NodeId, "boot", new Outcome(EndCause.Exited, 0, null, 812.5, 640.25, 52 << 20), new Produced(3, 1800, null))));
                    Interlocked.Increment(ref _done);
                    _changed.Release();
                }
            }
        }
    }

    /// <summary>From now on tasks from index <paramref name="stopsAt"/> on never end.</summary>
    public void Hold(int stopsAt) => (_stopsAt, _done) = (stopsAt, 0);

    /// <summary>Waits until <paramref name="done"/> tasks have ended since <see cref="Hold"/>.</summary>
    public async Task HeldAsync(int done)
    {
        while (Volatile.Read(ref _done) < done)
        {
            await _changed.WaitAsync();
        }
    }
}
