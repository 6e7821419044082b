using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

public sealed partial class FleetMachine
{
    /// <summary>
    /// Looks only at what changed: demands that grew against all nodes with room, everyone who waits against nodes that
    /// got room. Who waits and met no change would find what it found before.
    /// </summary>
    private void Place(DateTimeOffset now, Draft<FleetEvent> draft)
    {
        var left = new Dictionary<string, Resources>(StringComparer.Ordinal); // looked up, never walked
        var changed = changedNodes.Values.Where(n => n.TakesLeases && n.Free.Cores > 0).ToList();
        var number = leaseNumber;
        var turns = NewTurns(changed);
        while (turns.Next() is { Person: var person, Demand: var demand, Slots: var slots })
        {
            if (number - leaseNumber > FleetLimits.GrantsPerStepMax)
            {
                return; // without Placed: the rest at the next tick
            }

            var isNew = person.Grown.Contains(demand);
            if (changed.Count == 0 && !isNew)
            {
                turns.Took(0, Resources.None, isOver: true); // met no change
                continue;
            }

            var candidates = isNew ? roomy.Values : (IEnumerable<FleetNode>)changed;
            var shares = Placement.Pick(demand, slots, candidates.Select(n => CandidateFor(demand, n, left.GetValueOrDefault(n.Id, n.Free))));
            Grant(demand, shares, number, draft);
            number += shares.Count;
            var (granted, taken) = (0, Resources.None);
            foreach (var share in shares)
            {
                var tasks = demand.Need.Request.On(share.Node.Offer.Capacity).Times(share.Slots);
                left[share.Node.Id] = left.GetValueOrDefault(share.Node.Id, share.Node.Free).Minus(tasks);
                (granted, taken) = (granted + share.Slots, taken.Plus(tasks));
            }

            turns.Took(granted, taken, isOver: granted < slots);
            if (shares.Count > 0)
            {
                changed.RemoveAll(n => left.GetValueOrDefault(n.Id, n.Free).Cores <= 0);
            }
        }

        draft.Add(new Placed(now));
    }

    /// <summary>Of everyone who waits where nodes changed; else of those who want more than at the last look.</summary>
    private FairTurns NewTurns(List<FleetNode> changed)
    {
        var turns = new FairTurns(lent);
        foreach (var person in changed.Count > 0 ? people.Values : grown.Select(name => people[name]))
        {
            turns.Add(person, (changed.Count > 0 ? person.Waiting : person.Grown).Select(d => (d, d.SlotsMissing)));
        }

        return turns;
    }

    private void Grant(FleetDemand demand, List<Share> shares, long number, Draft<FleetEvent> draft)
    {
        foreach (var (node, slots) in shares)
        {
            var perTask = demand.Need.Request.On(node.Offer.Capacity);
            var lease = new Lease(
                $"l{epoch}-{++number}", epoch, demand.JobId, node.Id, node.Name, node.BootId, node.Connection, slots, perTask);
            draft.Add(new LeaseMade(lease));
            draft.Send(Address.Job(demand.JobId), new LeaseGranted(lease));
        }
    }
}
