using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work.Machine;

/// <summary>What a node decides about its attempts: accept, refuse, run, stop, report. Its executor acts.</summary>
public sealed class Worker : IMachine<Worker, WorkerEvent>
{
    private Worker(Address self) => Self = self;

    public Address Self { get; }

    public DateTimeOffset? Deadline => null;

    public static Worker Create(Address self) => new(self);

    public Step<WorkerEvent> Decide(Message message, DateTimeOffset now) => throw new NotImplementedException();

    public Worker Apply(WorkerEvent e) => throw new NotImplementedException();

    /// <summary>Leases with attempts here, for the heartbeat, by id.</summary>
    public IReadOnlyList<HeldLease> Held() => throw new NotImplementedException();
}

public abstract record WorkerEvent : IVolatileEvent;
