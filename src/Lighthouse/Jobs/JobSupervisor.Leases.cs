using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

public sealed partial class JobSupervisor
{
    private void TakeLease(Lease lease, DateTimeOffset now, Draft<JobEvent> draft)
    {
        if (!Exists || HasEnded)
        {
            draft.Send(Address.Fleet, new ReleaseLease(Self.Id, lease.Id));
            draft.Send(Address.Fleet, new DemandEnded(Self.Id));
            return;
        }

        if (leases.Find(lease.Id) is { } known)
        {
            if (lease.Epoch > known.Lease.Epoch)
            {
                draft.Add(new LeaseTaken(lease)); // a new Fleet adopted it
            }

            return;
        }

        if (leases.WasDropped(lease.Id))
        {
            draft.Send(Address.Fleet, new ReleaseLease(Self.Id, lease.Id));
            return;
        }

        var slow = Waiting == 0 ? Straggler(lease.NodeId, default, now) : null;
        var dealer = NewDealer(pace);
        if (IsWaiting || (!dealer.HasFor(0, lease.NodeId) && slow is null))
        {
            // Once declined it stays so: a repeated grant may cross this, and what is taken then the Fleet takes for free.
            draft.Add(new LeaseDropped(lease.Id));
            draft.Send(Address.Fleet, new ReleaseLease(Self.Id, lease.Id));
            return;
        }

        draft.Add(new LeaseTaken(lease));
        if (slow is not null)
        {
            Double(slow, lease, now, draft);
            return;
        }

        AssignTasks(lease, dealer.Next(lease.Slots, 0, lease.NodeId, default), now, draft);
    }

    private void EndLease(LeaseEnded ended, DateTimeOffset now, Draft<JobEvent> draft)
    {
        if (!Exists || HasEnded)
        {
            return;
        }

        if (leases.Find(ended.LeaseId) is not { } lease)
        {
            if (!leases.WasDropped(ended.LeaseId))
            {
                draft.Add(new LeaseDropped(ended.LeaseId)); // its grant may still come
            }

            return;
        }

        if (lease.Attempts.Count > 0)
        {
            var reason = ended.Reason switch
            {
                LeaseEndReason.NodeGone or LeaseEndReason.NodeSilent => $"lost {lease.Lease.NodeName}",
                LeaseEndReason.NodeRestarted => $"{lease.Lease.NodeName} restarted",
                LeaseEndReason.NodeLeaving => $"{lease.Lease.NodeName} left",
                _ => $"the lease on {lease.Lease.NodeName} ended",
            };
            Lose(lease, new AttemptsLost(AttemptLists.Sorted(lease.Attempts), reason, now)
            {
                Gone = ended.Reason is LeaseEndReason.NodeRestarted or LeaseEndReason.NodeLeaving,
                Blame = ended.Reason switch
                {
                    LeaseEndReason.NodeRestarted or LeaseEndReason.NodeGone => JobLimits.BlameOfDeath,
                    LeaseEndReason.NodeSilent => JobLimits.BlameOfSilence,
                    _ => 0,
                },
            }, draft);
        }

        draft.Add(new LeaseDropped(ended.LeaseId));
    }

    /// <summary>
    /// What becomes of a lease from which <paramref name="leaving"/> attempts have just gone: more tasks, nothing, or back
    /// to the Fleet.
    /// </summary>
    /// <param name="ended">The last of those that left, which shows how fast the node is.</param>
    private void Refill(JobLease lease, int leaving, bool nodesFault, TaskEnd ended, DateTimeOffset now, Draft<JobEvent> draft)
    {
        var held = lease.Attempts.Count - leaving;
        if (nodesFault && !lease.Closed)
        {
            draft.Add(new LeaseClosed(lease.Lease.Id));
        }

        if (!nodesFault && lease.MustShrink(held))
        {
            Shrink(lease, held, draft);
            return;
        }

        var (room, dealer) = (nodesFault ? 0 : Room(lease, held), NewDealer(PaceAfter(pace, ended), leaving));
        if (room > 0 && dealer.HasFor(held, lease.Lease.NodeId))
        {
            AssignTasks(lease.Lease, dealer.Next(room, held, lease.Lease.NodeId, PaceAfter(lease.Pace, ended)), now, draft);
        }
        else if (room > 0 && Waiting == 0 && Straggler(lease.Lease.NodeId, PaceAfter(lease.Pace, ended), now) is { } slow)
        {
            Double(slow, lease.Lease, now, draft);
        }
        else if (held == 0)
        {
            DropLease(lease, refused: nodesFault || lease.Closed, draft);
        }
    }

    /// <summary>Others are to have a part of the lease: what is free of that goes at once, the rest as tasks end.</summary>
    private void Recall(RecallSlots recall, Draft<JobEvent> draft)
    {
        if (leases.Find(recall.LeaseId) is not { } lease || recall.Slots >= (lease.RecalledTo ?? lease.Lease.Slots))
        {
            return;
        }

        draft.Add(new SlotsRecalled(recall.LeaseId, Math.Max(0, recall.Slots)));
        if (lease.Attempts.Count < lease.Lease.Slots && !lease.Closed)
        {
            Shrink(lease, lease.Attempts.Count, Math.Max(0, recall.Slots), draft);
        }
    }

    private void Shrink(JobLease lease, int held, Draft<JobEvent> draft) => Shrink(lease, held, lease.RecalledTo!.Value, draft);

    private void Shrink(JobLease lease, int held, int recalledTo, Draft<JobEvent> draft)
    {
        var slots = Math.Max(held, recalledTo);
        draft.Add(slots > 0 ? new LeaseShrunk(lease.Lease.Id, slots) : new LeaseDropped(lease.Lease.Id));
        draft.Send(Address.Fleet, new ReduceLease(Self.Id, lease.Lease.Id, slots));
    }

    private TaskDealer NewDealer(ItemPace jobPace, int leaving = 0) =>
        new(pending, cooling, chunks, jobPace, leases.MilliItemsPerSecond, HasFailed ? 0 : Spec!.Max is { } max ? max - running.Count + leaving : int.MaxValue);

    private ItemPace PaceAfter(ItemPace before, TaskEnd end) =>
        end.Outcome.Succeeded ? before.With(end.Outcome.WallMs, chunks.Of(end.Attempt.Task).Count) : before;

    /// <summary>None beside a task that may take its node down.</summary>
    private int Room(JobLease lease, int held) => held > 0 && IsReserved(lease) ? 0 : lease.Room(held, chunks.IsAuto);

    private bool IsReserved(JobLease lease) => lease.Attempts is [var only] && IsSuspect(only.Id.Task);

    private void AssignTasks(Lease lease, Deal deal, DateTimeOffset now, Draft<JobEvent> draft)
    {
        draft.Add(new TasksAssigned(lease, deal.Tasks, now) { Made = deal.Made.Count > 0 ? deal.Made : null });
        SendAssign(lease, deal.Tasks, deal.Items, draft);
    }

    private void SendAssign(Lease lease, IReadOnlyList<TaskRange> tasks, IReadOnlyList<ItemRange>? items, Draft<JobEvent> draft) =>
        draft.Send(Address.Node(lease.NodeId), new Assign(lease, Template, Spec!.TemplateDigest, chunks.IsAuto ? 0 : Spec.TaskCount, tasks) { Items = items });

    /// <summary>Gives back a lease that holds nothing.</summary>
    /// <param name="isInUse">What was replaced still runs there.</param>
    private void DropLease(JobLease lease, bool refused, Draft<JobEvent> draft, bool isInUse = false)
    {
        draft.Add(new LeaseDropped(lease.Lease.Id));
        draft.Send(Address.Fleet, new ReleaseLease(Self.Id, lease.Lease.Id, refused, isInUse));
    }
}
