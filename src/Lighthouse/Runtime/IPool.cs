using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>The machines as the edges (API, node sessions) see them, whichever host runs them.</summary>
internal interface IPool
{
    /// <summary>
    /// Never blocks, never throws, may lose. A <c>TaskFinished</c> with inline output is stripped of it; the output is
    /// committed in the transaction that commits the event.
    /// </summary>
    void Send(Envelope envelope);

    /// <summary>Sends what <paramref name="message"/> makes of a fresh reply address and waits for the reply, which is released only when durable.</summary>
    /// <exception cref="PoolUnavailableException">The journal does not take writes now (disk full, gone).</exception>
    Task<TReply> AskAsync<TReply>(Address to, Func<Address, Message> message, CancellationToken cancel)
        where TReply : Message;

    /// <summary>Reads a job's machine between two of its messages; null when there is no such job. Ended jobs are replayed for it.</summary>
    Task<T?> ReadJobAsync<T>(string jobId, Func<JobSupervisor, T> read, CancellationToken cancel);

    Task<T> ReadFleetAsync<T>(Func<FleetMachine, T> read, CancellationToken cancel);

    /// <summary>From now on <c>Address.Node(id)</c> is this session; an older one of the node is closed.</summary>
    void SessionOpened(INodeSession session);

    /// <summary>Nothing if a newer session has taken its place.</summary>
    void SessionClosed(INodeSession session);

    /// <summary>The node's latest session on this Lighthouse; null when it has none.</summary>
    INodeSession? SessionOf(string nodeId);
}

/// <summary>One node's connection.</summary>
internal interface INodeSession
{
    string NodeId { get; }

    long Connection { get; }

    /// <summary>Where it comes from, for lists.</summary>
    string RemoteAddress { get; }

    /// <summary>A timestamp of the session's clock.</summary>
    long OpenedAt { get; }

    /// <summary>Never blocks, never throws; what does not fit into the queue closes the session.</summary>
    void Post(LinkMessage message);

    void Close(string reason);
}

/// <summary>Nothing can be made durable just now; what was asked has not happened (or will be found when asked again).</summary>
internal class PoolUnavailableException(string message, bool diskFull, Exception? inner = null) : Exception(message, inner)
{
    public bool DiskFull { get; } = diskFull;
}

/// <summary>Not for the journal's sake: this process ends.</summary>
internal sealed class PoolStoppingException() : PoolUnavailableException("the Lighthouse is stopping", diskFull: false);

/// <summary>A later opening of the journal has fenced this one: this process has nothing to do any more.</summary>
internal sealed class PoolTakenOverException(string message) : PoolUnavailableException(message, diskFull: false);
