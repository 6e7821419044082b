using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

// A node on which tasks fail that succeed elsewhere is left alone for a while.
public sealed partial class FleetMachine
{
    private readonly record struct Blame(string JobId, int Task, DateTimeOffset At);

    private readonly Dictionary<string, Queue<Blame>> blames = new(StringComparer.Ordinal); // by node; looked up, never walked
    private readonly SortedSet<(DateTimeOffset Until, string NodeId)> rests = [];

    private void Hear(NodeBlamed blamed, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        if (nodes.GetValueOrDefault(blamed.NodeId) is not { RestsUntil: null } node)
        {
            return;
        }

        var before = blames.TryGetValue(blamed.NodeId, out var known) ? known.Where(b => b.At > now - TimeSpan.FromMinutes(FleetLimits.BlameMinutes)).ToList() : [];
        if (before.Exists(b => b.JobId == blamed.JobId && b.Task == blamed.Task))
        {
            return; // it came twice
        }

        draft.Add(new BlameNoted(blamed.NodeId, blamed.JobId, blamed.Task, now));
        if (before.Count + 1 < FleetLimits.BlamesMax)
        {
            return;
        }

        var until = now + TimeSpan.FromMinutes(FleetLimits.RestMinutes);
        if (before.TrueForAll(b => b.JobId == blamed.JobId))
        {
            if (demands.ContainsKey(blamed.JobId))
            {
                draft.Add(new JobPaused(blamed.JobId, node.Id, until)); // it may lack what this job alone needs
            }

            return;
        }

        if ((rests.Count + 1) * 2 > nodes.Values.Count(n => n.Presence == NodePresence.Here))
        {
            return; // it is not the node, where half of them are like it
        }

        draft.Add(new NodeRests(node.Id, until));
        foreach (var lease in node.Leases)
        {
            draft.Add(new LeaseRecalled(lease.Id, 0, now));
            draft.Send(Address.Job(lease.JobId), new RecallSlots(lease.Id, 0));
        }
    }

    private void ApplyBlame(BlameNoted noted)
    {
        if (!blames.TryGetValue(noted.NodeId, out var known))
        {
            blames.Add(noted.NodeId, known = []);
        }

        known.Enqueue(new Blame(noted.JobId, noted.Task, noted.At));
        while (known.Count > FleetLimits.BlamesMax)
        {
            known.Dequeue();
        }
    }

    private void ApplyRests(NodeRests e)
    {
        if (!nodes.TryGetValue(e.NodeId, out var node))
        {
            return;
        }

        if (node.RestsUntil is { } before)
        {
            rests.Remove((before, node.Id));
        }

        Change(node, n => n.RestsUntil = e.Until);
        blames.Remove(e.NodeId);
        if (e.Until is { } until)
        {
            rests.Add((until, node.Id));
        }
    }
}
