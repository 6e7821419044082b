using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>What others are to give back for a task of a job that waits, all of one node.</summary>
/// <param name="Leases">With the slots that each keeps.</param>
/// <param name="Reserves">What comes free is kept for it until it is enough.</param>
internal sealed record Recall(FleetDemand For, FleetNode Node, IReadOnlyList<(Lease Lease, int Keeps)> Leases, bool Reserves);

/// <summary>
/// Plans what to take back, slot by slot as tasks end, for those who wait although their share is smaller. A slot goes from
/// one person to another if the other's share stays the smaller one; so nothing goes back and forth. Who has nothing at
/// all gets a task's room in any case, and so does a job that has had nothing for <see cref="FleetLimits.StarvingSeconds"/> s.
/// Within one person's jobs the higher priority takes from the lower.
/// </summary>
internal sealed class RecallPlan
{
    private readonly FleetBooks books;
    private readonly DateTimeOffset now;
    private readonly FairTurns turns;
    private readonly Dictionary<string, Resources> free = new(StringComparer.Ordinal); // looked up, never walked
    private readonly Dictionary<string, int> keeps = new(StringComparer.Ordinal); // by lease; looked up, never walked
    private readonly Dictionary<string, int> served = new(StringComparer.Ordinal); // slots of each job that are on their way; looked up, never walked
    private readonly HashSet<string> roomless = new(StringComparer.Ordinal); // looked up, never walked

    public RecallPlan(FleetBooks books, DateTimeOffset now)
    {
        (this.books, this.now) = (books, now);
        turns = new FairTurns(books.Lent);
        foreach (var (id, slots) in books.Recalled)
        {
            var lease = books.Leases[id];
            keeps[id] = slots;
            GiveBack(lease, lease.Slots - slots);
        }

        foreach (var (nodeId, jobId) in books.Reserved)
        {
            if (books.Nodes.GetValueOrDefault(nodeId) is { } node && books.Demands.GetValueOrDefault(jobId) is { SlotsMissing: > 0 } demand && Placement.Suits(demand, node))
            {
                Serve(demand, node, 1);
                turns.Count(books.People[demand.Owner], TaskOn(demand, node));
            }
            else
            {
                Unreserved.Add(nodeId);
            }
        }
    }

    /// <summary>Nodes that need not be kept any more for the job that they were kept for.</summary>
    public List<string> Unreserved { get; } = [];

    public List<Recall> Make()
    {
        var recalls = new List<Recall>();
        foreach (var person in books.People.Values)
        {
            turns.Add(person, person.Waiting.Take(FleetLimits.RecallDemandsMax)
                .Select(d => (d, d.SlotsMissing - served.GetValueOrDefault(d.JobId))).Where(d => d.Item2 > 0));
        }

        while (recalls.Count < FleetLimits.RecallsPerStepMax && turns.Next() is { } turn)
        {
            var demand = turn.Demand;
            if (FindRoom(turn) is { Count: > 0 } room)
            {
                room.ForEach(share => Serve(demand, share.Node, share.Slots));
                turns.Took(
                    room.Sum(s => s.Slots), room.Aggregate(Resources.None, (sum, s) => sum.Plus(TaskOn(demand, s.Node).Times(s.Slots))), isOver: false);
            }
            else if (MayTake(turn) && FindVictims(turn) is { } recall)
            {
                recalls.Add(recall);
                Serve(demand, recall.Node, 1);
                turns.Took(1, TaskOn(demand, recall.Node), isOver: false);
            }
            else
            {
                turns.Took(0, Resources.None, isOver: true);
            }
        }

        return recalls;
    }

    /// <summary>What is free, or will be when those before it are served: nobody need give anything for that.</summary>
    private List<Share> FindRoom(Turn turn)
    {
        if (roomless.Contains(turn.Demand.JobId))
        {
            return [];
        }

        var room = Placement.Pick(turn.Demand, turn.Slots, books.Nodes.Values.Where(n => n.TakesLeases).Select(n => new Candidate(n, FreeOf(n))));
        if (room.Count == 0)
        {
            roomless.Add(turn.Demand.JobId);
        }

        return room;
    }

    /// <summary>Without looking at any node: whether there is somebody to take from.</summary>
    private bool MayTake(Turn turn) =>
        turn.Person.LowestLeased < turn.Demand.Priority || books.People.Values.Any(p => p != turn.Person && p.Leased.Cores > 0);

    /// <summary>The node where the fewest slots have to come free.</summary>
    private Recall? FindVictims(Turn turn)
    {
        List<Lease>? best = null;
        FleetNode? bestNode = null;
        foreach (var node in books.Nodes.Values)
        {
            if (!Placement.Suits(turn.Demand, node) || !Placement.CouldEver(turn.Demand.Need, node))
            {
                continue;
            }

            var victims = VictimsOn(node, turn);
            if (victims is { Count: > 1 } && books.Reserved.ContainsKey(node.Id))
            {
                continue;
            }

            if (victims is not null && (best is null || victims.Count < best.Count))
            {
                (best, bestNode) = (victims, node);
            }
        }

        if (best is null)
        {
            return null;
        }

        foreach (var lease in best)
        {
            keeps[lease.Id] = Keeps(lease) - 1;
            GiveBack(lease, 1);
        }

        // A single slot goes to whose turn it is, which is the one that it is recalled for.
        var reserves = (best.Count > 1 || Starves(turn)) && !books.Reserved.ContainsKey(bestNode!.Id);
        return new Recall(turn.Demand, bestNode!, [.. best.DistinctBy(l => l.Id).Select(l => (l, Keeps(l)))], reserves);
    }

    /// <summary>A lease for each slot that has to come free; null if that is not enough, or not fair.</summary>
    private List<Lease>? VictimsOn(FleetNode node, Turn turn)
    {
        var task = TaskOn(turn.Demand, node);
        var after = Shares.Of(turns.TakenBy(turn.Person).Plus(task), books.Lent);
        var starves = Starves(turn);
        var hasNothing = starves || turns.TakenBy(turn.Person).Cores <= 0;
        var left = node.Leases.Where(l => l.JobId != turn.Demand.JobId).ToDictionary(l => l.Id, Keeps); // looked up, never walked
        var lost = new Dictionary<string, Resources>(StringComparer.Ordinal); // by person; looked up, never walked
        var victims = new List<Lease>();
        for (var room = FreeOf(node); !task.FitsIn(room);)
        {
            Lease? victim = null;
            foreach (var lease in node.Leases)
            {
                if (left.GetValueOrDefault(lease.Id) > 0 && IsFair(lease) && (victim is null || IsRather(lease, victim)))
                {
                    victim = lease;
                }
            }

            if (victim is null)
            {
                return null;
            }

            left[victim.Id]--;
            room = room.Plus(victim.PerTask);
            var owner = books.Demands[victim.JobId].Owner;
            lost[owner] = lost.GetValueOrDefault(owner, Resources.None).Plus(victim.PerTask);
            victims.Add(victim);
        }

        return victims;

        bool IsFair(Lease lease)
        {
            var job = books.Demands[lease.JobId];
            return job.Owner == turn.Person.Name
                ? job.Priority < turn.Demand.Priority || (starves && job.Priority == turn.Demand.Priority)
                : hasNothing || ShareLeft(job.Owner, lease.PerTask) >= after - Shares.Epsilon;
        }

        // Of the one who has most, the job of the lowest priority, what was lent last.
        bool IsRather(Lease a, Lease b)
        {
            var (ofA, ofB) = (books.Demands[a.JobId], books.Demands[b.JobId]);
            var order = ShareLeft(ofA.Owner, Resources.None).CompareTo(ShareLeft(ofB.Owner, Resources.None));
            order = order != 0 ? order : ofB.Priority.CompareTo(ofA.Priority);
            order = order != 0 ? order : ofA.Order.CompareTo(ofB.Order);
            return order != 0 ? order > 0 : string.CompareOrdinal(a.Id, b.Id) > 0;
        }

        double ShareLeft(string owner, Resources less) =>
            Shares.Of(turns.TakenBy(books.People[owner]).Minus(lost.GetValueOrDefault(owner, Resources.None)).Minus(less), books.Lent);
    }

    private bool Starves(Turn turn) =>
        turn.Demand.NothingSince is { } since && now - since >= TimeSpan.FromSeconds(FleetLimits.StarvingSeconds) && !served.ContainsKey(turn.Demand.JobId);

    private void GiveBack(Lease lease, int slots)
    {
        var back = lease.PerTask.Times(slots);
        free[lease.NodeId] = FreeOf(books.Nodes[lease.NodeId]).Plus(back);
        turns.Count(books.People[books.Demands[lease.JobId].Owner], Resources.None.Minus(back));
    }

    private void Serve(FleetDemand demand, FleetNode node, int slots)
    {
        free[node.Id] = FreeOf(node).Minus(TaskOn(demand, node).Times(slots));
        served[demand.JobId] = served.GetValueOrDefault(demand.JobId) + slots;
    }

    private int Keeps(Lease lease) => keeps.GetValueOrDefault(lease.Id, lease.Slots);

    private Resources FreeOf(FleetNode node) => free.GetValueOrDefault(node.Id, node.Free);

    private static Resources TaskOn(FleetDemand demand, FleetNode node) => demand.Need.Request.On(node.Offer.Capacity);
}

/// <summary>The Fleet's books, to be read while a step is planned.</summary>
/// <param name="Recalled">By lease: the slots that it keeps.</param>
/// <param name="Reserved">By node: the job for which what comes free there is kept.</param>
internal sealed record FleetBooks(
    SortedDictionary<string, FleetNode> Nodes, SortedDictionary<string, FleetPerson> People, Dictionary<string, FleetDemand> Demands,
    Dictionary<string, Lease> Leases, SortedDictionary<string, int> Recalled, SortedDictionary<string, string> Reserved)
{
    /// <summary>All that nodes that are here lend.</summary>
    public Resources Lent { get; set; } = Resources.None;
}
