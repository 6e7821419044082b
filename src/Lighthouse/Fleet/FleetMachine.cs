using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>All nodes, who holds what of them, and the queue of those who wait. Not journaled.</summary>
public sealed class FleetMachine : IMachine<FleetMachine, FleetEvent>
{
    private FleetMachine(Address self) => Self = self;

    public Address Self { get; }

    public DateTimeOffset? Deadline => null;

    public static FleetMachine Create(Address self) => new(self);

    public Step<FleetEvent> Decide(Message message, DateTimeOffset now) => throw new NotImplementedException();

    public FleetMachine Apply(FleetEvent e) => throw new NotImplementedException();

    /// <summary>By name; <c>Address</c> is empty (the session knows it), jobs are those that hold leases there (names are ids here).</summary>
    public IReadOnlyList<NodeView> Nodes() => throw new NotImplementedException();

    /// <summary>From the same functions that place: what the job waits for and what would help.</summary>
    public WhyView Explain(JobView job, Demand? demand) => throw new NotImplementedException();
}

public abstract record FleetEvent : IVolatileEvent;
