using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Fleet;

internal static partial class Placement
{
    /// <summary>Whether the job may go onto the node at all just now, whatever is free there.</summary>
    public static bool Suits(FleetDemand demand, FleetNode node) =>
        node.TakesLeases && IsNamed(demand.Need, node) && !demand.IsPausedOn(node.Id) && MissingLabels(demand.Need, node) == 0;

    /// <summary>Whether the node could ever run the job: when it is there and idle.</summary>
    public static bool CouldEver(Need need, FleetNode node) =>
        IsNamed(need, node) && MissingLabels(need, node) == 0 && need.Request.On(node.Offer.Capacity).FitsIn(node.Offer.Capacity);

    /// <summary>All that stands between the job and the node; none means that a task fits now.</summary>
    /// <param name="candidate">With what is free for the job: without what is kept for another one.</param>
    public static List<Lack> Lacks(FleetDemand demand, Candidate candidate, DateTimeOffset now)
    {
        var lacks = new List<Lack>();
        var (need, node) = (demand.Need, candidate.Node);
        if (need.NotOn.Contains(node.Name))
        {
            lacks.Add(new Lack(LackKind.NotNamed, "named by --not-on"));
        }
        else if (!IsNamed(need, node))
        {
            lacks.Add(new Lack(LackKind.NotNamed, $"not node {string.Join(" or ", need.On)}"));
        }

        if (node.Presence != NodePresence.Here)
        {
            lacks.Add(new Lack(LackKind.Away, $"offline, last seen {Phrases.Ago(now - node.LastSeen)} ago"));
        }
        else if (node.Usage.Paused)
        {
            lacks.Add(new Lack(LackKind.Away, "paused"));
        }
        else if (node.RestsUntil is { } until)
        {
            lacks.Add(new Lack(LackKind.Resting, $"rests for {Phrases.Ago(until - now)}: tasks failed there that succeeded elsewhere"));
        }

        foreach (var label in need.Labels.Where(l => !node.Meets(l)))
        {
            var has = label.Label == LabelNeed.Disk ? $" (it has {Phrases.Bytes(node.Usage.DiskFreeBytes)} free)"
                : node.Offer.Labels.TryGetValue(label.Label, out var value) ? $" (it has {label.Label} {value})"
                : "";
            lacks.Add(new Lack(LackKind.Label, $"no {label.Text}{has}"));
        }

        if (demand.IsPausedOn(node.Id))
        {
            lacks.Add(new Lack(LackKind.Refused, "it failed or was refused there a moment ago"));
        }

        AddResourceLacks(need.Request, node, lacks);
        if (lacks.Count == 0 && SlotsIn(need, candidate) == 0)
        {
            lacks.Add(new Lack(LackKind.Kept, "what is free there is kept for a job that needs more of it"));
        }

        return lacks;
    }

    private static void AddResourceLacks(ResourceRequest request, FleetNode node, List<Lack> lacks)
    {
        var (lent, free) = (node.Offer.Capacity, node.Free);
        var asked = request.On(lent);
        Add(asked.Cores, lent.Cores, free.Cores, n => Phrases.Cores((int)n));
        if (request.MemoryBytes is not null || asked.Cores <= free.Cores) // else it follows from the cores
        {
            Add(asked.MemoryBytes, lent.MemoryBytes, free.MemoryBytes, Phrases.Bytes);
        }

        Add(asked.Gpus, lent.Gpus, free.Gpus, n => Phrases.Gpus((int)n));

        void Add(long wanted, long all, long left, Func<long, string> name)
        {
            if (wanted > all)
            {
                lacks.Add(new Lack(LackKind.TooSmall, $"{name(all)} lent of {name(wanted)} asked"));
            }
            else if (wanted > left)
            {
                lacks.Add(new Lack(LackKind.Busy, $"{name(Math.Max(0, left))} free of {name(wanted)} asked"));
            }
        }
    }

    /// <summary>Whether <c>--on</c> and <c>--not-on</c> allow the node.</summary>
    public static bool IsNamed(Need need, FleetNode node) =>
        (need.On.Count == 0 || need.On.Contains(node.Name)) && !need.NotOn.Contains(node.Name);

    private static int MissingLabels(Need need, FleetNode node)
    {
        var missing = 0;
        foreach (var label in need.Labels)
        {
            missing += node.Meets(label) ? 0 : 1;
        }

        return missing;
    }
}
