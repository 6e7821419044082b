using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Outputs;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol.Machines;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>One Lighthouse's machines and stores in this process, on one folder.</summary>
internal sealed class Pool : IPool, IAsyncDisposable
{
    public IViews Views => throw new NotImplementedException();

    public IJobFeed Feed => throw new NotImplementedException();

    public IOutputStore Outputs => throw new NotImplementedException();

    public IBlobStore Blobs => throw new NotImplementedException();

    /// <summary>For what is no machine's: members, invite codes.</summary>
    public PoolDatabase Database => throw new NotImplementedException();

    /// <summary>Opens the stores, takes up all jobs that have not ended and starts a new Fleet.</summary>
    /// <param name="folder">The home's <c>LighthouseFolder</c>; made if it is not there.</param>
    /// <exception cref="PoolInUseException">Another Lighthouse runs on this folder.</exception>
    /// <exception cref="JournalFormatException">The journal is of a newer akc, or no journal.</exception>
    public static Task<Pool> OpenAsync(string folder, TimeProvider time, ILoggerFactory logs, CancellationToken cancel) =>
        throw new NotImplementedException();

    /// <summary>The number of a new node session; grows over restarts too.</summary>
    public long NextConnection() => throw new NotImplementedException();

    public void Send(Envelope envelope) => throw new NotImplementedException();

    public Task<TReply> AskAsync<TReply>(Address to, Func<Address, Message> message, CancellationToken cancel)
        where TReply : Message => throw new NotImplementedException();

    public Task<T?> ReadJobAsync<T>(string jobId, Func<JobSupervisor, T> read, CancellationToken cancel) => throw new NotImplementedException();

    public Task<T> ReadFleetAsync<T>(Func<FleetMachine, T> read, CancellationToken cancel) => throw new NotImplementedException();

    public void SessionOpened(INodeSession session) => throw new NotImplementedException();

    public void SessionClosed(INodeSession session) => throw new NotImplementedException();

    /// <summary>Takes nothing more, decides what has arrived, and has it on disk at return.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>A Lighthouse already runs on this folder; the message says what to do.</summary>
internal sealed class PoolInUseException(string message, Exception? inner = null) : Exception(message, inner);
