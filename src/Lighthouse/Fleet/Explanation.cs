using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>Why a job waits, from the lacks that <see cref="Placement"/> finds.</summary>
internal sealed class Explanation
{
    private readonly JobView job;
    private readonly FleetDemand demand;
    private readonly int jobsAhead;
    private readonly DateTimeOffset now;
    private readonly List<(FleetNode Node, List<Lack> Lacks)> nodes;

    public Explanation(JobView job, FleetDemand demand, IReadOnlyList<Candidate> nodes, int jobsAhead, DateTimeOffset now)
    {
        (this.job, this.demand, this.jobsAhead, this.now) = (job, demand, jobsAhead, now);
        this.nodes = [.. nodes.OrderBy(n => n.Node.Name, StringComparer.Ordinal).Select(n => (n.Node, Placement.Lacks(demand, n, now)))];
    }

    /// <summary>Id of the node on which what comes free is kept for it; null for none.</summary>
    public string? Kept { get; init; }

    /// <summary>By node: how many slots others are to give back there, and what that makes free.</summary>
    public IReadOnlyDictionary<string, (int Slots, Resources Room)> Recalled { get; init; } = new Dictionary<string, (int Slots, Resources Room)>();

    /// <summary>What it waits for before it asks again; null where it asks.</summary>
    public RetryToCome? Retry { get; init; }

    /// <summary>It is about a task that waits, whatever others of its job do.</summary>
    public bool IsOfTask { get; init; }

    /// <summary>The name or names that it is bound to; null where it may run anywhere.</summary>
    private string? Bound => demand.Need.On.Count == 0 ? null : string.Join(" or ", demand.Need.On);

    /// <summary>Nothing but the work of others stands between the job and a node.</summary>
    private bool IsOnlyBusy => nodes.Any(n => IsBusy(n.Lacks));

    private static bool IsBusy(List<Lack> lacks) => lacks.TrueForAll(l => l.Kind is LackKind.Busy or LackKind.Refused or LackKind.Kept);

    public WhyView View()
    {
        // What it has been lent begins in a moment, though it may wait for more.
        var waits = demand.SlotsMissing > 0 && (IsOfTask || (job.Running == 0 && demand.SlotsGranted == 0));
        var feasible = nodes.Any(n => Placement.CouldEver(demand.Need, n.Node));
        return new WhyView(
            job.Id, job.State, waits ? Retry is null ? WaitsFor() : WaitsToRetry(Retry) : null, demand.SlotsMissing > 0 && Retry?.At is null ? jobsAhead + 1 : null, feasible,
            [.. nodes.Take(FleetLimits.WhyNodesMax).Select(n => View(n.Node, n.Lacks))], waits && Retry?.At is null ? WouldHelp() : [])
        {
            RetryAt = Retry?.At,
        };
    }

    private WhyNode View(FleetNode node, List<Lack> lacks) => new(
        node.Name, lacks.Count == 0, IsBusy(lacks), [.. lacks.Select(l => l.Text)],
        [.. demand.Need.Prefers.Where(label => !node.Meets(label)).Select(label => label.Text)]);

    private string WaitsFor()
    {
        if (nodes.Count == 0)
        {
            return "no node has joined yet: akc join";
        }

        if (nodes.Exists(n => n.Lacks.Count == 0))
        {
            return jobsAhead > 0 ? Ahead() : "a node is free: it starts in a moment";
        }

        if (nodes.FirstOrDefault(n => n.Node.Id == Kept).Node is { TakesLeases: true } kept)
        {
            return $"{kept.Name} is being freed for it: {SoFar(kept)} so far";
        }

        return IsOnlyBusy ? WaitsForOthers() : WaitsForNode();
    }

    /// <summary>Where what failed goes next: first where it has not failed.</summary>
    private string WaitsToRetry(RetryToCome retry)
    {
        List<string> Where(Func<(FleetNode Node, List<Lack> Lacks), bool> suits) => [.. nodes.Where(suits).Select(n => n.Node.Name)];
        var free = Where(n => n.Lacks.Count == 0);
        var busy = Where(n => IsBusy(n.Lacks) && !demand.IsPausedOn(n.Node.Id));
        var again = Where(n => IsBusy(n.Lacks) && demand.IsPausedOn(n.Node.Id));
        var where = free.Count > 0 ? $"first on {Phrases.Names(free)}"
            : busy.Count > 0 ? $"first on {Phrases.Names(busy)}, in use now"
            : again.Count > 0 ? $"on {Phrases.Names(again)} as before: no other node could run {(retry.Tasks == 1 ? "it" : "them")}"
            : $"but {WaitsForNode()}";
        return $"{(retry.Tasks == 1 ? "a task that failed is" : $"{retry.Tasks} tasks that failed are")} tried again, {where}; {retry.Failure}";
    }

    private string WaitsForOthers()
    {
        if (jobsAhead > 0)
        {
            return Ahead();
        }

        var busy = nodes.Where(n => IsBusy(n.Lacks)).ToList();
        foreach (var (node, _) in busy)
        {
            if (Recalled.TryGetValue(node.Id, out var back) && demand.Need.Request.On(node.Offer.Capacity).FitsIn(node.Free.Plus(back.Room)))
            {
                return $"{node.Name} is being freed: it starts when {(back.Slots == 1 ? "a task there has" : $"{back.Slots} tasks there have")} ended";
            }
        }

        return busy is [var only]
            ? $"{only.Node.Name}: {string.Join(", ", only.Lacks.Select(l => l.Text))}"
            : $"all {busy.Count} nodes that could run it are in use: {Phrases.Names([.. busy.Select(n => n.Node.Name)])}";
    }

    /// <summary>Of what it asks and does not have there yet.</summary>
    private string SoFar(FleetNode node)
    {
        var (asked, free) = (demand.Need.Request.On(node.Offer.Capacity), node.Free);
        return asked.Cores > free.Cores ? $"{Math.Max(0, free.Cores)} of {Phrases.Cores(asked.Cores)}"
            : asked.MemoryBytes > free.MemoryBytes ? $"{Phrases.Bytes(Math.Max(0, free.MemoryBytes))} of {Phrases.Bytes(asked.MemoryBytes)}"
            : $"{Math.Max(0, free.Gpus)} of {Phrases.Gpus(asked.Gpus)}";
    }

    private string Ahead() => jobsAhead == 1 ? "1 job ahead of it" : $"{jobsAhead} jobs ahead of it";

    /// <summary>No node that is here suits. The first thing that all lack is what to say.</summary>
    private string WaitsForNode()
    {
        var need = demand.Need;
        var named = nodes.Where(n => Placement.IsNamed(need, n.Node)).ToList();
        if (nodes.TrueForAll(n => need.NotOn.Contains(n.Node.Name)))
        {
            return $"--not-on leaves no node: {Phrases.Names([.. nodes.Select(n => n.Node.Name)])} {(nodes.Count == 1 ? "is the only one" : $"are all {nodes.Count}")}";
        }

        if (named.Count == 0 && need.On.Any(need.NotOn.Contains))
        {
            return $"--on and --not-on leave no node: both name {Phrases.Names([.. need.On.Where(need.NotOn.Contains)])}";
        }

        if (named.Count == 0)
        {
            return $"no node named {Bound}; nodes: {Phrases.Names([.. nodes.Select(n => n.Node.Name)])}";
        }

        var here = named.Where(n => n.Node.TakesLeases).ToList();
        var suspects = here.Count > 0 ? here : named;
        var missing = need.Labels.FirstOrDefault(l => suspects.TrueForAll(n => !n.Node.Meets(l)));
        if (missing is not null)
        {
            var had = named.Where(n => n.Node.Meets(missing)).Select(n => Had(n.Node)).ToList();
            var but = had.Count > 0 ? $"; {Phrases.Names(had)}" : "";
            return Bound is null ? $"nobody has {missing.Text}{but}" : $"{Bound} does not have {missing.Text}";
        }

        var able = named.Where(n => Placement.CouldEver(need, n.Node)).Select(n => n.Node).ToList();
        if (able.Count > 1 && nodes.TrueForAll(n => n.Node.Presence == NodePresence.Offline))
        {
            return $"{nodes.Count} nodes have joined, none is connected now: {Phrases.Names([.. nodes.Select(n => n.Node.Name)])}";
        }

        if (able.Count > 0)
        {
            return able is [var one]
                ? $"{one.Name} could run it and {State(one)}"
                : $"the nodes that could run it are away: {Phrases.Names([.. able.Select(n => $"{n.Name} {State(n)}")])}";
        }

        var tooSmall = suspects.SelectMany(n => n.Lacks.Where(l => l.Kind == LackKind.TooSmall).Select(l => $"{n.Node.Name} has {l.Text}")).ToList();
        return tooSmall.Count > 0
            ? $"no node is large enough: {Phrases.Names(tooSmall)}"
            : $"no node has all that it needs: {string.Join(", ", need.Labels.Select(l => l.Text))}";
    }

    private string Had(FleetNode node) =>
        node.Presence == NodePresence.Here ? $"{node.Name} has it and {State(node)}" : $"{node.Name} had it, {LastSeen(node)}";

    private string LastSeen(FleetNode node) => $"last seen {Phrases.Ago(now - node.LastSeen)} ago";

    private string State(FleetNode node) =>
        node.Presence != NodePresence.Here ? $"is offline, {LastSeen(node)}"
        : node.Usage.Paused ? "is paused"
        : node.RestsUntil is not null ? "rests"
        : "is in use";

    /// <summary>The one thing that is more than is free there, as much of it as is; null where that is nothing.</summary>
    private string? AskLess(FleetNode node)
    {
        var (request, free) = (demand.Need.Request, node.Free);
        var asked = request.On(node.Offer.Capacity);
        return request.MemoryBytes > free.MemoryBytes ? free.MemoryBytes > 0 ? Phrases.Bytes(free.MemoryBytes) : null
            : asked.Cores > free.Cores ? free.Cores > 0 && asked.MemoryBytes * free.Cores / asked.Cores <= free.MemoryBytes ? Phrases.Cores(free.Cores) : null
            : asked.Gpus > free.Gpus && free.Gpus > 0 ? Phrases.Gpus(free.Gpus)
            : null;
    }

    /// <summary>Programs are installed; of a disk and of GPUs' memory less can be asked; a machine is what it is.</summary>
    private void AddLabels(FleetNode node, List<string> help)
    {
        var missing = demand.Need.Labels.Where(l => !node.Meets(l)).ToList();
        var sizes = missing.Where(l => l.IsSize).Select(l => (l.Label, Has: SizeOf(node, l.Label))).ToList();
        var programs = missing.Where(l => !l.IsSize).ToList();
        if (sizes.Exists(size => size.Has is null) || programs.Exists(l => l.Label is "os" or "arch" or "cores"))
        {
            return;
        }

        var ask = string.Join(", ", sizes.Select(size => $"{size.Label}>={size.Has}"));
        var install = string.Join(", ", programs.Select(l => l.Text));
        help.Add(
            programs.Count == 0 ? $"ask {ask} and it starts on {node.Name} now"
            : sizes.Count == 0 ? $"install {install} on {node.Name}"
            : $"install {install} on {node.Name} and ask {ask}");
    }

    /// <summary>As much as the node has, as it is asked for; null for nothing.</summary>
    private static string? SizeOf(FleetNode node, string label) =>
        label != LabelNeed.Disk ? node.Offer.Labels.GetValueOrDefault(label)
        : node.Usage.DiskFreeBytes >= 1L << 30 ? $"{node.Usage.DiskFreeBytes >> 30}GiB"
        : node.Usage.DiskFreeBytes >= 1L << 20 ? $"{node.Usage.DiskFreeBytes >> 20}MiB"
        : null;

    private List<string> WouldHelp()
    {
        var help = new List<string>();
        foreach (var (node, lacks) in nodes)
        {
            if (lacks is [{ Kind: LackKind.Busy or LackKind.TooSmall }] && AskLess(node) is { } less)
            {
                help.Add($"ask {less} and it starts on {node.Name} now");
            }
            else if (lacks is [{ Kind: LackKind.NotNamed }])
            {
                help.Add(demand.Need.NotOn.Contains(node.Name)
                    ? $"without --not-on {node.Name} it starts there now"
                    : $"without --on {Bound} it starts on {node.Name} now");
            }
            else if (lacks is [{ Kind: LackKind.Resting }])
            {
                help.Add($"{node.Name} has rested");
            }
            else if (lacks.Count > 0 && lacks.TrueForAll(l => l.Kind == LackKind.Away))
            {
                help.Add(node.Usage.Paused && node.Presence == NodePresence.Here ? $"{node.Owner} resumes {node.Name}" : $"{node.Name} comes back");
            }
            else if (lacks.Count > 0 && lacks.TrueForAll(l => l.Kind == LackKind.Label))
            {
                AddLabels(node, help);
            }
        }

        if (nodes.Count == 0 || !nodes.Exists(n => Placement.CouldEver(demand.Need, n.Node)))
        {
            help.Add("a node joins that has what it needs: akc join");
        }

        return [.. help.Take(FleetLimits.NamesMax)];
    }
}
