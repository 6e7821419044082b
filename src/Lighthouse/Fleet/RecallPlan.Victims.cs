using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>Who is to give something back.</summary>
internal sealed partial class RecallPlan
{
    /// <summary>How far a turn may go in what it takes.</summary>
    private enum Claim
    {
        /// <summary>From those whose share stays the larger one.</summary>
        Fair,

        /// <summary>From those whose share is no smaller now, and from one's own jobs.</summary>
        OfEquals,

        /// <summary>From anybody.</summary>
        OfAll,
    }

    /// <summary>Recalls for one task, on the node where the fewest slots have to come free, from who has most.</summary>
    private FleetNode? FindVictims(Turn turn)
    {
        var starves = Starves(turn);
        Claim[] claims = starves ? [Claim.OfEquals, Claim.OfAll] : turns.TakenBy(turn.Person).Cores <= 0 ? [Claim.OfAll] : [Claim.Fair];
        foreach (var claim in claims.Where(claim => MayTake(turn, claim)))
        {
            var key = $"{claim}\n{turn.Person.Name}\n{turn.Demand.Priority}\n{KeyOf(turn.Demand)}";
            if (hopeless.Contains(key))
            {
                continue;
            }

            if (BestNode(turn, claim) is not var (node, victims))
            {
                hopeless.Add(key);
                continue;
            }

            foreach (var lease in victims)
            {
                keeps[lease.Id] = Recalled[lease.Id] = Keeps(lease) - 1;
                GiveBack(lease, 1);
            }

            if ((victims.Count > 1 || starves) && !IsReserved(node))
            {
                Reserved[node.Id] = turn.Demand.JobId;
            }

            return node;
        }

        return null;
    }

    /// <summary>Without looking at any node: whether there is somebody to take from.</summary>
    private bool MayTake(Turn turn, Claim claim)
    {
        var own = turn.Person.LowestLeased;
        return own < turn.Demand.Priority || (claim != Claim.Fair && own == turn.Demand.Priority && Starves(turn))
            || books.People.Values.Any(p => p != turn.Person && p.Leased.Cores > 0 && (claim == Claim.OfAll || turns.ShareOf(p) > turns.ShareOf(turn.Person)));
    }

    private (FleetNode Node, List<Lease> Victims)? BestNode(Turn turn, Claim claim)
    {
        (FleetNode Node, List<Lease> Victims)? best = null;
        nodesLookedAt += books.Nodes.Count;
        foreach (var node in books.Nodes.Values)
        {
            if (node.Leases.Count > 0 && Placement.Suits(turn.Demand, node) && Placement.CouldEver(turn.Demand.Need, node)
                && VictimsOn(node, turn, claim) is { } victims && (victims.Count == 1 || !IsReserved(node))
                && (best is not var (_, others) || victims.Count < others.Count || (victims.Count == others.Count && victims.Count > 0 && OwnerShare(victims[0]) > OwnerShare(others[0]))))
            {
                best = (node, victims);
            }
        }

        return best;
    }

    private double OwnerShare(Lease lease) => turns.ShareOf(books.People[books.Demands[lease.JobId].Owner]);

    /// <summary>A lease for each slot that has to come free, none where enough is free by now; null if that is not enough, or not fair.</summary>
    private List<Lease>? VictimsOn(FleetNode node, Turn turn, Claim claim)
    {
        var task = TaskOn(turn.Demand, node);
        var mine = turns.ShareOf(turn.Person);
        var after = Shares.Of(turns.TakenBy(turn.Person).Plus(task), books.Lent);
        var starves = Starves(turn);
        var left = node.Leases.Where(l => l.JobId != turn.Demand.JobId && CanGiveBack(l)).ToDictionary(l => l.Id, Keeps); // looked up, never walked
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
                : claim switch
                {
                    Claim.Fair => ShareLeft(job.Owner, lease.PerTask) >= after - Shares.Epsilon,
                    Claim.OfEquals => ShareLeft(job.Owner, Resources.None) >= mine - Shares.Epsilon,
                    _ => true,
                };
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
}
