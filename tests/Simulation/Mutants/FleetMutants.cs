using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation.Mutants;

internal sealed class KeepsEndsOfLeases : Mutation<FleetMachine, FleetEvent>
{
    public override Step<FleetEvent> Decides(FleetMachine machine, Message message, Step<FleetEvent> step) =>
        new(step.Events, [.. step.Outbox.Where(e => e.Message is not LeaseEnded)]);
}

internal sealed class CountsCapacityTwice : Mutation<FleetMachine, FleetEvent>
{
    public override Message Hears(FleetMachine machine, Message message) =>
        message is NodeConnected connected ? connected with { Offer = connected.Offer with { Capacity = connected.Offer.Capacity.Times(2) } } : message;
}

internal sealed class TakesWordOfStaleSessions : Mutation<FleetMachine, FleetEvent>
{
    private readonly Dictionary<string, long> latest = new(StringComparer.Ordinal); // looked up, never walked

    public override Message Hears(FleetMachine machine, Message message)
    {
        if (message is NodeConnected connected)
        {
            latest[connected.NodeId] = Math.Max(connected.Connection, latest.GetValueOrDefault(connected.NodeId));
        }

        return message is NodeClosed closed ? closed with { Connection = latest.GetValueOrDefault(closed.NodeId) } : message;
    }
}
