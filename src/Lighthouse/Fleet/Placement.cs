using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>Why a node does not suit.</summary>
internal enum LackKind
{
    /// <summary>Another node was named.</summary>
    NotNamed,

    /// <summary>Offline, closing or paused.</summary>
    Away,
    Label,

    /// <summary>It refused this job a moment ago.</summary>
    Refused,

    /// <summary>Tasks failed there that succeeded elsewhere.</summary>
    Resting,

    /// <summary>It lends less than one task asks.</summary>
    TooSmall,

    /// <summary>Others hold what is asked.</summary>
    Busy,

    /// <summary>What is free there is kept for a job that needs more.</summary>
    Kept,
}

/// <param name="Text">One line for people.</param>
internal readonly record struct Lack(LackKind Kind, string Text);

/// <summary>A node with what is left of it while a step is being planned.</summary>
internal readonly record struct Candidate(FleetNode Node, Resources Free);

/// <summary>Slots for a job on a node.</summary>
internal readonly record struct Share(FleetNode Node, int Slots);

/// <summary>Which node gets what: pure functions, which place and which answer <c>why</c>.</summary>
internal static partial class Placement
{
    /// <summary>Filter, rank, spread: where <paramref name="wanted"/> slots go, best first. Fewer where not all fit.</summary>
    public static List<Share> Pick(FleetDemand demand, int wanted, IEnumerable<Candidate> candidates)
    {
        var fitting = new List<(Candidate Candidate, int Slots)>();
        foreach (var candidate in candidates)
        {
            if (Suits(demand, candidate.Node) && SlotsIn(demand.Need, candidate) is var slots && slots > 0)
            {
                fitting.Add((candidate, slots));
            }
        }

        if (wanted == 1 && fitting.Count > 0)
        {
            var best = fitting.MinBy(f => f.Candidate, Comparer<Candidate>.Create((a, b) => Rank(demand, a, b)));
            return [new Share(best.Candidate.Node, 1)];
        }

        fitting.Sort((a, b) => Rank(demand, a.Candidate, b.Candidate));
        return Spread(fitting, wanted);
    }

    /// <summary>Tasks of the job that fit into what is left of the node.</summary>
    public static int SlotsIn(Need need, Candidate candidate)
    {
        var task = need.Request.On(candidate.Node.Offer.Capacity);
        var free = candidate.Free;
        if (!task.FitsIn(free))
        {
            return 0;
        }

        var slots = int.MaxValue;
        slots = task.Cores > 0 ? Math.Min(slots, free.Cores / task.Cores) : slots;
        slots = task.Gpus > 0 ? Math.Min(slots, free.Gpus / task.Gpus) : slots;
        return task.MemoryBytes > 0 ? (int)Math.Min(slots, free.MemoryBytes / task.MemoryBytes) : slots;
    }

    /// <summary>
    /// Negative if <paramref name="a"/> comes first: how often it was lost of late, whether it has the job's data already, the
    /// share of its cores that is leased, what others than guests use, how fast it proved to be (both in tenths, they are
    /// noisy), then preferred labels, then the name.
    /// </summary>
    public static int Rank(FleetDemand demand, Candidate a, Candidate b)
    {
        var order = a.Node.LossesOfLate.CompareTo(b.Node.LossesOfLate);
        order = order != 0 ? order : b.Node.Has(demand.Demand.Data).CompareTo(a.Node.Has(demand.Demand.Data));
        order = order != 0 ? order : LeasedShare(a).CompareTo(LeasedShare(b));
        order = order != 0 ? order : Tenths(a.Node.Usage.CpuOthers).CompareTo(Tenths(b.Node.Usage.CpuOthers));
        order = order != 0 ? order : ((int)(b.Node.Speed * 10)).CompareTo((int)(a.Node.Speed * 10));
        order = order != 0 ? order : Preferred(demand.Need, b).CompareTo(Preferred(demand.Need, a));
        order = order != 0 ? order : string.CompareOrdinal(a.Node.Name, b.Node.Name);
        return order != 0 ? order : string.CompareOrdinal(a.Node.Id, b.Node.Id);
    }

    /// <summary>
    /// With how many slots a lease of an earlier Fleet is taken on: no more than fit. All its attempts may have ended, and
    /// its room be lent since; one it keeps all the same, or what they still tell would be run again.
    /// </summary>
    /// <param name="room">What is free on its node and what it uses itself.</param>
    public static int SlotsOfAdopted(Lease lease, Resources room)
    {
        var slots = lease.Slots;
        while (slots > 1 && !lease.PerTask.Times(slots).FitsIn(room))
        {
            slots--;
        }

        return slots;
    }

    /// <summary>Equal shares in order of rank; what some can't take goes to the others.</summary>
    private static List<Share> Spread(List<(Candidate Candidate, int Slots)> ranked, int wanted)
    {
        var slots = new int[ranked.Count];
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < ranked.Count && wanted > 0; i++)
            {
                var fair = pass == 0 ? (wanted + ranked.Count - i - 1) / (ranked.Count - i) : wanted;
                var given = Math.Min(fair, ranked[i].Slots - slots[i]);
                slots[i] += given;
                wanted -= given;
            }
        }

        var shares = new List<Share>();
        for (var i = 0; i < ranked.Count; i++)
        {
            if (slots[i] > 0)
            {
                shares.Add(new Share(ranked[i].Candidate.Node, slots[i]));
            }
        }

        return shares;
    }

    private static double LeasedShare(Candidate c) =>
        1 - (double)c.Free.Cores / Math.Max(1, c.Node.Offer.Capacity.Cores);

    private static int Tenths(double share) => (int)(Math.Clamp(share, 0, 1) * 10);

    private static int Preferred(Need need, Candidate c)
    {
        var count = 0;
        foreach (var label in need.Prefers)
        {
            count += c.Node.Meets(label) ? 1 : 0;
        }

        return count;
    }
}
