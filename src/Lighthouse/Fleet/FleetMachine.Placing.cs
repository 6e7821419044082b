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
        foreach (var demand in changed.Count > 0 ? waiting : changedDemands)
        {
            if (number - leaseNumber > FleetLimits.GrantsPerStepMax)
            {
                return; // without Placed: the rest at the next tick
            }

            if (changed.Count == 0 && !changedDemands.Contains(demand))
            {
                continue; // met no change
            }

            var candidates = changedDemands.Contains(demand) ? roomy.Values : (IEnumerable<FleetNode>)changed;
            var shares = Placement.Pick(demand, demand.SlotsMissing, candidates.Select(n => new Candidate(n, left.GetValueOrDefault(n.Id, n.Free))));
            Grant(demand, shares, number, draft);
            number += shares.Count;
            foreach (var share in shares)
            {
                var task = demand.Need.Request.On(share.Node.Offer.Capacity);
                left[share.Node.Id] = left.GetValueOrDefault(share.Node.Id, share.Node.Free).Minus(task.Times(share.Slots));
            }

            if (shares.Count > 0)
            {
                changed.RemoveAll(n => left.GetValueOrDefault(n.Id, n.Free).Cores <= 0);
            }
        }

        draft.Add(new Placed(now));
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
