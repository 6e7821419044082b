using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>
/// Plans what to take back, slot by slot as tasks end, for those who wait although their share is smaller. A slot goes from
/// one person to another if the other's share stays the smaller one; so nothing goes back and forth. Who has nothing at
/// all gets a task's room in any case, and so does a job that has had nothing for <see cref="FleetLimits.StarvingSeconds"/> s.
/// Within one person's jobs the higher priority takes from the lower.
/// </summary>
internal sealed partial class RecallPlan
{
    private readonly FleetBooks books;
    private readonly DateTimeOffset now;
    private readonly FairTurns turns;
    private readonly Dictionary<string, Resources> free = new(StringComparer.Ordinal); // by node; looked up, never walked
    private readonly Dictionary<string, int> keeps = new(StringComparer.Ordinal); // by lease; looked up, never walked
    private readonly Dictionary<string, int> served = new(StringComparer.Ordinal); // slots of each job that are on their way; looked up, never walked
    private readonly HashSet<string> hopeless = new(StringComparer.Ordinal); // looks that found nothing and would again; looked up, never walked
    private long nodesLookedAt;

    public RecallPlan(FleetBooks books, DateTimeOffset now)
    {
        (this.books, this.now) = (books, now);
        turns = new FairTurns(books.Lent);
        foreach (var (id, (slots, at)) in books.Recalled)
        {
            // What has not come for long may be a long task: something else that ends sooner is asked for as well.
            keeps[id] = slots;
            if (now - at < TimeSpan.FromSeconds(FleetLimits.RecallPatienceSeconds) && CanGiveBack(books.Leases[id]))
            {
                GiveBack(books.Leases[id], books.Leases[id].Slots - slots);
            }
        }

        foreach (var (nodeId, jobId) in books.Reserved)
        {
            if (books.Nodes.GetValueOrDefault(nodeId) is { } node && books.Demands.GetValueOrDefault(jobId) is { SlotsMissing: > 0 } demand
                && Placement.Suits(demand, node) && Placement.CouldEver(demand.Need, node))
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

    /// <summary>By lease: the slots that it keeps.</summary>
    public SortedDictionary<string, int> Recalled { get; } = new(StringComparer.Ordinal);

    /// <summary>By node: the job for which what comes free is kept until it is enough for a task.</summary>
    public SortedDictionary<string, string> Reserved { get; } = new(StringComparer.Ordinal);

    public void Make()
    {
        foreach (var person in books.People.Values)
        {
            turns.Add(person, Distinct(person).Select(d => (d, d.SlotsMissing - served.GetValueOrDefault(d.JobId))).Where(d => d.Item2 > 0));
        }

        while (Recalled.Count < FleetLimits.RecallsPerStepMax && nodesLookedAt < FleetLimits.RecallLooksMax && turns.Next() is { } turn)
        {
            var demand = turn.Demand;
            if (FindRoom(turn) is { Count: > 0 } room)
            {
                room.ForEach(share => Reserve(demand, share.Node));
                room.ForEach(share => Serve(demand, share.Node, share.Slots));
                turns.Took(
                    room.Sum(s => s.Slots), room.Aggregate(Resources.None, (sum, s) => sum.Plus(TaskOn(demand, s.Node).Times(s.Slots))), isOver: false);
            }
            else if (FindVictims(turn) is { } node)
            {
                Serve(demand, node, 1);
                turns.Took(1, TaskOn(demand, node), isOver: false);
            }
            else
            {
                turns.Took(0, Resources.None, isOver: true);
            }
        }
    }

    /// <summary>Of jobs that ask the same the first is enough: where it finds nothing, the others would not.</summary>
    private static IEnumerable<FleetDemand> Distinct(FleetPerson person)
    {
        var asked = new Dictionary<string, int>(StringComparer.Ordinal); // looked up, never walked
        foreach (var demand in person.Waiting)
        {
            var key = demand.Need.Key;
            var before = asked.GetValueOrDefault(key);
            if (before < FleetLimits.RecallAlikeMax)
            {
                asked[key] = before + 1;
                yield return demand;
            }

            if (asked.Count > FleetLimits.RecallDemandsMax)
            {
                yield break;
            }
        }
    }

    /// <summary>What is free, or will be when those before it are served: nobody need give anything for that.</summary>
    private List<Share> FindRoom(Turn turn)
    {
        var key = "room\n" + KeyOf(turn.Demand);
        if (hopeless.Contains(key))
        {
            return [];
        }

        nodesLookedAt += books.Nodes.Count;
        var room = Placement.Pick(turn.Demand, turn.Slots, books.Nodes.Values.Where(n => n.TakesLeases).Select(n => new Candidate(n, FreeOf(n))));
        if (room.Count == 0)
        {
            hopeless.Add(key);
        }

        return room;
    }

    /// <summary>The same for demands that the same nodes suit.</summary>
    private static string KeyOf(FleetDemand demand) => demand.IsPausedSomewhere ? demand.JobId : demand.Need.Key;

    /// <summary>A task that needs more than one slot that comes free gets the node kept for it, or others would take them one by one.</summary>
    private void Reserve(FleetDemand demand, FleetNode node)
    {
        var task = TaskOn(demand, node);
        if (!task.FitsIn(node.Free) && (task.Cores > 1 || task.Gpus > 1) && !IsReserved(node))
        {
            Reserved[node.Id] = demand.JobId;
        }
    }

    private bool IsReserved(FleetNode node) => books.Reserved.ContainsKey(node.Id) || Reserved.ContainsKey(node.Id);

    private void GiveBack(Lease lease, int slots)
    {
        var back = lease.PerTask.Times(slots);
        free[lease.NodeId] = FreeOf(books.Nodes[lease.NodeId]).Plus(back);
        turns.Count(books.People[books.Demands[lease.JobId].Owner], Resources.None.Minus(back));
    }

    /// <summary>A job that avoids the node gives the lease back as a whole, when it is empty.</summary>
    private bool CanGiveBack(Lease lease) => !books.Demands[lease.JobId].Demand.Avoid.Contains(lease.NodeId);

    private void Serve(FleetDemand demand, FleetNode node, int slots)
    {
        free[node.Id] = FreeOf(node).Minus(TaskOn(demand, node).Times(slots));
        served[demand.JobId] = served.GetValueOrDefault(demand.JobId) + slots;
    }

    private int Keeps(Lease lease) => keeps.GetValueOrDefault(lease.Id, lease.Slots);

    private Resources FreeOf(FleetNode node) => free.GetValueOrDefault(node.Id, node.Free);

    private static Resources TaskOn(FleetDemand demand, FleetNode node) => demand.Need.Request.On(node.Offer.Capacity);
}

/// <param name="Keeps">Slots that it keeps while the others are awaited back.</param>
internal readonly record struct RecalledLease(int Keeps, DateTimeOffset At);

/// <summary>The Fleet's books, to be read while a step is planned.</summary>
/// <param name="Reserved">By node: the job for which what comes free there is kept.</param>
/// <param name="Lent">All that nodes that are here lend.</param>
internal sealed record FleetBooks(
    SortedDictionary<string, FleetNode> Nodes, SortedDictionary<string, FleetPerson> People, Dictionary<string, FleetDemand> Demands,
    Dictionary<string, Lease> Leases, SortedDictionary<string, RecalledLease> Recalled, SortedDictionary<string, string> Reserved, Resources Lent);
