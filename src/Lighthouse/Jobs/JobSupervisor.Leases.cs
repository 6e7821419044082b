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

        if (pending.Count == 0)
        {
            // Once declined it stays so: a repeated grant may cross this, and what is taken then the Fleet takes for free.
            draft.Add(new LeaseDropped(lease.Id));
            draft.Send(Address.Fleet, new ReleaseLease(Self.Id, lease.Id));
            return;
        }

        draft.Add(new LeaseTaken(lease));
        var tasks = new List<TaskRange>();
        if (pending.FirstAlone is { } suspect)
        {
            tasks.Add(suspect);
        }
        else
        {
            pending.Read().Next(lease.Slots, tasks);
        }

        AssignTasks(lease, tasks, now, draft);
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
    /// What becomes of a lease from which <paramref name="leaving"/> attempts have just gone: more tasks (first of all
    /// <paramref name="retry"/>), nothing, or back to the Fleet.
    /// </summary>
    private void Refill(JobLease lease, int leaving, AttemptRef? retry, bool nodesFault, DateTimeOffset now, Draft<JobEvent> draft)
    {
        var held = lease.Attempts.Count - leaving;
        if (nodesFault && !lease.Closed)
        {
            draft.Add(new LeaseClosed(lease.Lease.Id));
        }

        var room = nodesFault ? 0 : Room(lease, held);
        if (room > 0 && held == 0 && retry is null && pending.FirstAlone is { } suspect)
        {
            AssignTasks(lease.Lease, [suspect], now, draft);
        }
        else if (room > 0 && (pending.Read().Left > 0 || retry is not null))
        {
            var tasks = new List<TaskRange>();
            if (retry is { } again)
            {
                tasks.Add(new TaskRange(again.Task, 1, again.Attempt));
                room--;
            }

            pending.Read().Next(room, tasks);
            AssignTasks(lease.Lease, tasks, now, draft);
        }
        else if (held == 0)
        {
            DropLease(lease, refused: nodesFault || lease.Closed, draft);
        }
    }

    /// <summary>None beside a task that may take its node down.</summary>
    private int Room(JobLease lease, int held) => held > 0 && IsReserved(lease) ? 0 : lease.Room(held);

    private bool IsReserved(JobLease lease) => lease.Attempts is [var only] && IsSuspect(only.Id.Task);

    private void AssignTasks(Lease lease, IReadOnlyList<TaskRange> tasks, DateTimeOffset now, Draft<JobEvent> draft)
    {
        draft.Add(new TasksAssigned(lease, tasks, now));
        SendAssign(lease, tasks, draft);
    }

    private void SendAssign(Lease lease, IReadOnlyList<TaskRange> tasks, Draft<JobEvent> draft) =>
        draft.Send(Address.Node(lease.NodeId), new Assign(lease, Spec!.Template, Spec.TemplateDigest, Spec.TaskCount, tasks));

    /// <summary>Gives back a lease that holds nothing.</summary>
    private void DropLease(JobLease lease, bool refused, Draft<JobEvent> draft)
    {
        draft.Add(new LeaseDropped(lease.Lease.Id));
        draft.Send(Address.Fleet, new ReleaseLease(Self.Id, lease.Lease.Id, refused));
    }
}
