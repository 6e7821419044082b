using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

// Who waits, and what others are to give back for them.
public sealed partial class FleetMachine
{
    /// <summary>By lease: the slots that it keeps while the others are awaited back.</summary>
    private readonly SortedDictionary<string, RecalledLease> recalled = new(StringComparer.Ordinal);

    /// <summary>By node: the job for which what comes free there is kept.</summary>
    private readonly SortedDictionary<string, string> reserved = new(StringComparer.Ordinal);

    /// <summary>All that nodes that are here lend.</summary>
    private Resources lent = Resources.None;

    /// <summary>When to look at what should be given back; null while nobody waits.</summary>
    private DateTimeOffset? recallsDue;

    /// <summary>The last look.</summary>
    private DateTimeOffset recallsPlannedAt;

    private bool AnyoneWaits => people.Values.Any(p => p.Waiting.Count > 0);

    private FleetPerson Person(string name)
    {
        if (!people.TryGetValue(name, out var person))
        {
            people.Add(name, person = new FleetPerson(name, leaseNumber));
        }

        return person;
    }

    private void Queue(FleetDemand demand, bool grew)
    {
        if (demand.SlotsMissing == 0)
        {
            Unqueue(demand);
            return;
        }

        var person = Person(demand.Owner);
        person.Waiting.Add(demand);
        if (grew && person.Grown.Add(demand))
        {
            grown.Add(person.Name);
        }
    }

    private void Unqueue(FleetDemand demand)
    {
        var person = Person(demand.Owner);
        person.Waiting.Remove(demand);
        if (person.Grown.Remove(demand) && person.Grown.Count == 0)
        {
            grown.Remove(person.Name);
        }
    }

    private void ForgetIdle(string name)
    {
        if (people.TryGetValue(name, out var person) && person.Waiting.Count == 0 && person.LowestLeased is null)
        {
            people.Remove(name);
        }
    }

    private void ApplyPlaced(DateTimeOffset at)
    {
        var anyoneIsNew = grown.Count > 0;
        changedNodes.Clear();
        foreach (var name in grown)
        {
            people[name].Grown.Clear();
        }

        grown.Clear();
        if (!AnyoneWaits)
        {
            recallsDue = null;
        }
        else
        {
            // Who is new need not wait for the next round of looks, unless one was just now.
            var next = recallsPlannedAt + TimeSpan.FromSeconds(FleetLimits.RecallEverySeconds);
            recallsDue = anyoneIsNew && next < at ? at : recallsDue ?? (next > at ? next : at + TimeSpan.FromSeconds(FleetLimits.RecallEverySeconds));
        }
    }

    /// <summary>Others may have what is free there.</summary>
    private void Unreserve(string nodeId)
    {
        reserved.Remove(nodeId);
        if (roomy.TryGetValue(nodeId, out var node))
        {
            changedNodes[nodeId] = node;
        }
    }

    private void PlanRecalls(DateTimeOffset now, Draft<FleetEvent> draft)
    {
        var plan = new RecallPlan(new FleetBooks(nodes, people, demands, leases, recalled, reserved, lent), now);
        plan.Unreserved.ForEach(node => draft.Add(new NodeUnreserved(node)));
        plan.Make();
        foreach (var (leaseId, keeps) in plan.Recalled)
        {
            draft.Add(new LeaseRecalled(leaseId, keeps, now));
            draft.Send(Address.Job(leases[leaseId].JobId), new RecallSlots(leaseId, keeps));
        }

        foreach (var (nodeId, jobId) in plan.Reserved)
        {
            draft.Add(new NodeReserved(nodeId, jobId));
        }

        draft.Add(new RecallsPlanned(now));
    }

    private void Reduce(ReduceLease reduce, Draft<FleetEvent> draft)
    {
        if (leases.TryGetValue(reduce.LeaseId, out var lease) && lease.JobId == reduce.JobId && reduce.Slots < lease.Slots)
        {
            draft.Add(reduce.Slots <= 0 ? new LeaseFreed(lease.Id, WantsLess: false) : new LeaseReduced(lease.Id, reduce.Slots));
        }
    }

    /// <summary>The node with what is left of it for a job: without what is kept for another one.</summary>
    private Candidate CandidateFor(FleetDemand demand, FleetNode node, Resources free) =>
        reserved.TryGetValue(node.Id, out var jobId) && jobId != demand.JobId && demands.GetValueOrDefault(jobId) is { SlotsMissing: > 0 } other
            ? new Candidate(node, free.Minus(other.Need.Request.On(node.Offer.Capacity)))
            : new Candidate(node, free);
}
