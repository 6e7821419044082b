using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>The pool's Fleet: nothing of it is journaled, each incarnation has an epoch of its own.</summary>
internal sealed class FleetMailbox(HostContext host, PoolDatabase database, NodeOffers offers, NodeSessions sessions)
    : Mailbox<FleetMachine, FleetEvent>(Address.Fleet, host, json: null)
{
    protected override async ValueTask<Message?> FirstMessageAsync()
    {
        var epoch = await database.WriteAsync(
            session => (long)session.Scalar("UPDATE meta SET value = value + 1 WHERE key = 'epoch' RETURNING value")!);
        return new FleetStarted(epoch) { Known = await offers.ReadAsync(CancellationToken.None) };
    }

    // For a new Fleet no node is here: they come back with all that they offer and hold.
    protected override void Resumed() => sessions.CloseAll("the Lighthouse's scheduler started anew");
}
