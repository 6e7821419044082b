using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

public sealed partial class FleetMachine
{
    /// <summary>What to say of a lease that a job believes it holds and that is not in our books.</summary>
    private enum Claim
    {
        Adopt,

        /// <summary>This Fleet is young: the node may yet report it.</summary>
        Await,
        Unknown,

        /// <summary>It came to this Fleet, and went.</summary>
        NodeGone,
        NodeRestarted,
    }

    private void Hear(Demand demand, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        var known = demands.GetValueOrDefault(demand.JobId);
        var (adopted, unheard) = CompareHeld(demand, known, now, draft);
        draft.Add(new DemandHeard(demand, unheard, now));
        foreach (var lease in adopted)
        {
            draft.Add(new LeaseMade(lease));
            draft.Send(Address.Job(lease.JobId), new LeaseGranted(lease));
        }

        // A new job is placed at once unless something that comes before it is still to be placed. Others: with the next tick.
        if (known is null && adopted.Count == 0 && startedAt is not null && changedNodes.Count == 0 && grown.Count == 0)
        {
            var fresh = new FleetDemand(demand, now);
            fresh.Heard(demand, unheard, now);
            Grant(fresh, Placement.Pick(fresh, fresh.SlotsMissing, roomy.Values.Select(n => CandidateFor(fresh, n, n.Free))), leaseNumber, draft);
        }
    }

    /// <returns>Leases of an earlier Fleet: those that their nodes report, and those that their nodes may yet report.</returns>
    private (List<Lease> Adopted, List<Lease> Unheard) CompareHeld(Demand demand, FleetDemand? known, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        List<Lease> adopted = [], unheard = [];
        var stand = 0;
        foreach (var lease in demand.Held)
        {
            if (leases.TryGetValue(lease.Id, out var ours))
            {
                stand++;
                if (ours.Epoch > lease.Epoch)
                {
                    draft.Send(Address.Job(demand.JobId), new LeaseGranted(ours)); // it missed that we adopted it
                }
                else
                {
                    CompareSlots(ours, lease.Slots, draft);
                }

                continue;
            }

            var claim = Judge(lease, now);
            if (claim == Claim.Adopt)
            {
                var node = nodes[lease.NodeId];
                adopted.Add(lease with { Epoch = epoch, Connection = node.Connection, Slots = Placement.SlotsOfAdopted(lease, node.Free.Plus(node.InUse(lease.Id))) });
            }
            else if (claim == Claim.Await)
            {
                unheard.Add(lease);
            }
            else
            {
                var reason = claim switch
                {
                    Claim.NodeRestarted => LeaseEndReason.NodeRestarted,
                    Claim.NodeGone => nodes[lease.NodeId].IsClosed ? LeaseEndReason.NodeGone : LeaseEndReason.NodeSilent,
                    _ => LeaseEndReason.Unknown,
                };
                draft.Send(Address.Job(demand.JobId), new LeaseEnded(lease.Id, lease.NodeId, reason));
            }
        }

        if (known is not null && stand < known.Leases.Count)
        {
            RepeatGrants(demand, known, draft);
        }

        return (adopted, unheard);
    }

    /// <summary>What was said of slots that go back may have been lost.</summary>
    private void CompareSlots(Lease ours, int slots, Draft<FleetEvent> draft)
    {
        if (slots < ours.Slots)
        {
            draft.Add(new LeaseReduced(ours.Id, slots));
        }

        var keeps = recalled.TryGetValue(ours.Id, out var wanted) ? Math.Min(ours.Slots, wanted.Keeps) : ours.Slots;
        if (keeps < slots)
        {
            draft.Send(Address.Job(ours.JobId), new RecallSlots(ours.Id, keeps));
        }
    }

    /// <summary>The grant, or the job's answer to it, was lost (or this demand crossed it): saying it twice does no harm.</summary>
    private static void RepeatGrants(Demand demand, FleetDemand known, Draft<FleetEvent> draft)
    {
        var held = demand.Held.Select(l => l.Id).ToHashSet(StringComparer.Ordinal); // looked up, never walked
        foreach (var lease in known.Leases.Where(l => !held.Contains(l.Id)))
        {
            draft.Send(Address.Job(demand.JobId), new LeaseGranted(lease));
        }
    }

    private Claim Judge(Lease lease, DateTimeOffset now)
    {
        var unheard = startedAt is null || now - startedAt < TimeSpan.FromSeconds(LinkTimes.RecoverySeconds) ? Claim.Await : Claim.Unknown;
        if (nodes.GetValueOrDefault(lease.NodeId) is not { } node)
        {
            return unheard;
        }

        if (node.BootId != lease.BootId)
        {
            return lease.Connection < node.Connection ? Claim.NodeRestarted : unheard;
        }

        if (node.Presence == NodePresence.Offline)
        {
            return Claim.NodeGone;
        }

        // Not reported, it may be idle just now; but one of our own that we ended is over.
        var isOfEarlierFleet = lease.Epoch < epoch && unheard == Claim.Await;
        return startedAt is not null && (node.Reports(lease.Id) || (isOfEarlierFleet && lease.PerTask.Times(lease.Slots).FitsIn(node.Free)))
            ? Claim.Adopt
            : startedAt is null ? Claim.Await : Claim.Unknown;
    }

    private void Release(ReleaseLease release, DateTimeOffset now, Draft<FleetEvent> draft)
    {
        if (demands.GetValueOrDefault(release.JobId)?.FindAwaited(release.LeaseId) is { } unheard)
        {
            draft.Add(new AwaitedGone(unheard, WantsLess: true));
            return;
        }

        if (!leases.TryGetValue(release.LeaseId, out var lease) || lease.JobId != release.JobId)
        {
            return;
        }

        draft.Add(new LeaseFreed(lease.Id, WantsLess: true, release.IsInUse));
        if (release.Refused)
        {
            draft.Add(new JobPaused(lease.JobId, lease.NodeId, now + TimeSpan.FromSeconds(FleetLimits.RefusedPauseSeconds)));
        }
    }

    private void EndDemand(string jobId, Draft<FleetEvent> draft)
    {
        if (demands.GetValueOrDefault(jobId) is not { } demand)
        {
            return;
        }

        foreach (var lease in demand.Leases)
        {
            draft.Add(new LeaseFreed(lease.Id, WantsLess: false));
        }

        draft.Add(new DemandDropped(jobId));
    }

    /// <summary>Its supervisor has been silent for too long. If it lives, it will ask again.</summary>
    private void Expire(FleetDemand demand, Draft<FleetEvent> draft)
    {
        foreach (var lease in demand.Leases)
        {
            draft.Send(Address.Job(demand.JobId), new LeaseEnded(lease.Id, lease.NodeId, LeaseEndReason.Unknown));
        }

        EndDemand(demand.JobId, draft);
    }
}
