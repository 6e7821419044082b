using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Protocol.Link;
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

/// <summary>What it hears of a node was said 5 s later: of the 7 s of silence that it allows they become 12.</summary>
internal sealed class WaitsForSilence : Mutation<FleetMachine, FleetEvent>
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(12 - LinkTimes.SilentSeconds);

    public override DateTimeOffset Now(Message message, DateTimeOffset now) => message is NodeConnected or NodeHeartbeat ? now + Later : now;
}

internal sealed class LendsWholeNodesOnly : Mutation<FleetMachine, FleetEvent>
{
    public override Step<FleetEvent> Decides(FleetMachine machine, Message message, Step<FleetEvent> step)
    {
        if (!step.Events.Any(e => e is LeaseMade))
        {
            return step;
        }

        var used = machine.Nodes().Where(n => n.CoresFree != n.Cores).Select(n => n.Id).ToHashSet(StringComparer.Ordinal); // looked up, never walked
        return new Step<FleetEvent>(
            [.. step.Events.Where(e => e is not LeaseMade made || !used.Contains(made.Lease.NodeId))],
            [.. step.Outbox.Where(e => e.Message is not LeaseGranted granted || !used.Contains(granted.Lease.NodeId))]);
    }
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
