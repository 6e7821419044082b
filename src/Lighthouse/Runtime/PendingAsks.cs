using System.Collections.Concurrent;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>Those outside who wait for a machine's reply, by the id in their <c>Address.Client</c>.</summary>
internal sealed class PendingAsks(long generation)
{
    private readonly ConcurrentDictionary<string, PendingAsk> _byId = new();
    private long _count;

    public PendingAsk Add()
    {
        var ask = new PendingAsk($"{generation}-{Interlocked.Increment(ref _count)}");
        _byId[ask.Id] = ask;
        return ask;
    }

    public void Remove(PendingAsk ask) => _byId.TryRemove(ask.Id, out _);

    /// <summary>Nobody waits any more: the reply is dropped.</summary>
    public void Complete(string id, Message reply)
    {
        if (_byId.TryRemove(id, out var ask))
        {
            ask.Complete(reply);
        }
    }

    public void FailAll(Exception e)
    {
        foreach (var ask in _byId.Values)
        {
            ask.Fail(e);
        }
    }
}

internal sealed class PendingAsk(string id)
{
    private readonly TaskCompletionSource<Message> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id { get; } = id;

    public Task<Message> Reply => _reply.Task;

    public void Complete(Message reply) => _reply.TrySetResult(reply);

    public void Fail(Exception e) => _reply.TrySetException(e);
}
