using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Combine;
using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Outputs;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>One Lighthouse's machines and stores in this process, on one folder.</summary>
internal sealed partial class Pool : IPool, IAsyncDisposable
{
    private readonly PendingAsks _asks;
    private readonly NodeSessions _sessions = new();
    private readonly MailboxTable<JobSupervisor, JobEvent> _jobs;
    private readonly MailboxTable<FleetMachine, FleetEvent> _fleet;
    private readonly ResultGatherer _gatherer;
    private readonly ILogger _log;

    /// <summary>Routes by address.</summary>
    public void Send(Envelope envelope)
    {
        var (to, message) = envelope;
        switch (to.Kind)
        {
            case AddressKind.Job:
                if (Ids.IsValid(to.Id)) // a node may have made it up
                {
                    _jobs.Post(to.Id, new(message, null, null));
                }

                break;
            case AddressKind.Fleet:
                _fleet.Post("", new(message, null, null));
                break;
            case AddressKind.Gatherer when message is GatherResults question:
                _gatherer.Post(question);
                break;
            case AddressKind.Node when _sessions.Post(to.Id, message):
                break;
            case AddressKind.Client:
                _asks.Complete(to.Id, message);
                break;
            default:
                RuntimeLog.Unroutable(_log, message.GetType().Name, to);
                break;
        }
    }

    public async Task<TReply> AskAsync<TReply>(Address to, Func<Address, Message> message, CancellationToken cancel)
        where TReply : Message
    {
        var ask = _asks.Add();
        try
        {
            var told = message(Address.Client(ask.Id));
            switch (to.Kind)
            {
                case AddressKind.Job when Ids.IsValid(to.Id):
                    _jobs.Post(to.Id, new(told, ask, null));
                    break;
                case AddressKind.Fleet:
                    _fleet.Post("", new(told, ask, null));
                    break;
                default:
                    throw new ArgumentException($"{to} is nobody to ask", nameof(to));
            }

            return (TReply)await ask.Reply.WaitAsync(cancel);
        }
        finally
        {
            _asks.Remove(ask);
        }
    }

    public Task<T?> ReadJobAsync<T>(string jobId, Func<JobSupervisor, T> read, CancellationToken cancel)
    {
        if (!Ids.IsValid(jobId))
        {
            return Task.FromResult<T?>(default);
        }

        var wanted = new MachineRead<JobSupervisor, T?>(job => job.Exists ? read(job) : default);
        _jobs.Post(jobId, new(null, null, wanted));
        return wanted.Done.WaitAsync(cancel);
    }

    public Task<T> ReadFleetAsync<T>(Func<FleetMachine, T> read, CancellationToken cancel)
    {
        var wanted = new MachineRead<FleetMachine, T>(read);
        _fleet.Post("", new(null, null, wanted));
        return wanted.Done.WaitAsync(cancel);
    }

    public void SessionOpened(INodeSession session) => _sessions.Open(session);

    public void SessionClosed(INodeSession session) => _sessions.Close(session);

    public INodeSession? SessionOf(string nodeId) => _sessions.Find(nodeId);
}

/// <summary>A Lighthouse already runs on this folder; the message says what to do.</summary>
internal sealed class PoolInUseException(string message, Exception? inner = null) : Exception(message, inner);
