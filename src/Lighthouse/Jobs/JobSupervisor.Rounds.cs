using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

public sealed partial class JobSupervisor
{
    /// <summary>When this incarnation first saw a time; null right after a replay.</summary>
    private DateTimeOffset? resumedAt;

    /// <summary>Until then nodes may claim what ran before a restart; null when nothing waits for that.</summary>
    private DateTimeOffset? recoveryEnds;

    /// <summary>When the Fleet is told again.</summary>
    private DateTimeOffset? demandDue;

    /// <summary>Some lease may have room while tasks wait, or be empty for nothing.</summary>
    private bool fillDue;
    private int slotsTold;

    /// <summary>What the job asks of the Fleet now; null when it asks nothing.</summary>
    public Demand? Demand => IsWaiting ? null : DemandToCome;

    /// <summary>What it asks once it waits for no other job any more; null when it has ended.</summary>
    public Demand? DemandToCome => Spec is null || HasEnded ? null : MakeDemand(Spec, reopenedAt ?? submittedAt, SlotsWanted(), [.. leases.All.Select(l => l.Lease)]);

    /// <summary>One thing a tick, each in a state that stands; what is due as well comes with the next.</summary>
    private void Round(DateTimeOffset now, Draft<JobEvent> draft)
    {
        if (resumedAt is null)
        {
            return; // Decide has added Resumed
        }

        if (IsDone || HasFailed)
        {
            Complete([], now, draft);
            StopAll(draft);
        }
        else if (recoveryEnds <= now)
        {
            EndRecovery(now, draft);
        }
        else if (cooling.NextDue <= now)
        {
            draft.Add(new TasksCooled(now));
        }
        else if (fillDue)
        {
            FillLeases(now, draft);
        }
        else if (IsWaiting)
        {
            Ask(now, draft);
        }
        else if (demandDue <= now)
        {
            foreach (var lease in leases.All)
            {
                AssignAgain(lease, [.. lease.Attempts.Where(a => !a.Recovering && a.IsOverdue(now))], now, draft);
            }

            var demand = DemandWithStragglers(now);
            draft.Add(new DemandSent(demand.SlotsWanted, now));
            draft.Send(Address.Fleet, demand);
        }
    }

    private void FillLeases(DateTimeOffset now, Draft<JobEvent> draft)
    {
        draft.Add(LeasesFilled.Instance); // before what makes another look due
        var dealer = NewDealer(pace);
        (RunningAttempt Slow, Lease Lease)? doubled = null;
        foreach (var lease in leases.All)
        {
            var held = lease.Attempts.Count;
            if (lease.MustShrink(held))
            {
                Shrink(lease, held, draft);
                continue; // what room is left is seen at the next look
            }

            var room = lease.Recovering ? 0 : Room(lease, held);
            if (room > 0 && dealer.HasFor(held, lease.Lease.NodeId))
            {
                AssignTasks(lease.Lease, dealer.Next(room, held, lease.Lease.NodeId, lease.Pace), now, draft);
            }
            else if (doubled is null && room > 0 && Waiting == 0 && Straggler(lease.Lease.NodeId, lease.Pace, now) is { } slow)
            {
                doubled = (slow, lease.Lease);
            }
            else if (held == 0)
            {
                DropLease(lease, refused: lease.Closed, draft);
            }
        }

        if (doubled is var (attempt, idle))
        {
            Double(attempt, idle, now, draft); // which makes another round due, for the next one
        }
    }

    private void EndRecovery(DateTimeOffset now, Draft<JobEvent> draft)
    {
        foreach (var lease in leases.All)
        {
            var lost = lease.Attempts.Where(a => a.Recovering).ToList();
            if (lost.Count == 0)
            {
                continue;
            }

            var reason = $"{lease.Lease.NodeName} did not come back within {LinkTimes.RecoverySeconds} s of the restart";
            draft.Add(new AttemptsLost(AttemptLists.Sorted(lost), reason, now));
            if (lost.Count == lease.Attempts.Count)
            {
                DropLease(lease, refused: false, draft);
            }
        }

        draft.Add(RecoveryEnded.Instance);
    }

    /// <summary>The Fleet counts all slots of a lease as got: those of a closed one that nothing may use are wanted again.</summary>
    private int SlotsWanted() =>
        (int)Math.Min(SlotsMax(Spec!), leases.All.Sum(l => (long)(l.Closed || IsReserved(l) ? l.Lease.Slots : l.Busy)) + Waiting);

    private static int SlotsMax(JobSpec spec) => Math.Min(spec.Max ?? int.MaxValue, JobLimits.SlotsWantedMax);

    private Demand MakeDemand(JobSpec spec, DateTimeOffset submitted, int wanted, IReadOnlyList<Lease> held) =>
        new(Self.Id, spec.Owner, submitted.UtcTicks, spec.Request, spec.Node, spec.Needs, spec.Prefers, wanted, held)
        {
            Avoid = [.. leases.All.Where(l => l.Closed).Select(l => l.Lease.NodeId).Union(pending.Count + chunks.Left == 0 ? cooling.NotOn : [])],
            Priority = spec.Priority,
            On = spec.On ?? [],
            NotOn = spec.NotOn ?? [],
            Data = gathered ?? spec.Template?.InputsDigest ?? spec.TemplateDigest,
            Speeds = leases.Speeds(),
        };
}
