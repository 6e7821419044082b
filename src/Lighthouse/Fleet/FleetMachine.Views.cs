using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

public sealed partial class FleetMachine
{
    /// <summary>By name; <c>Address</c> is empty (the session knows it), jobs are those that hold leases there (names are ids here).</summary>
    public IReadOnlyList<NodeView> Nodes()
    {
        var views = nodes.Values.Select(View).ToList();
        views.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name) is var order && order != 0 ? order : string.CompareOrdinal(a.Id, b.Id));
        return views;
    }

    /// <summary>All that changed has been looked at: who waits then waits for something.</summary>
    public bool HasPlaced => Deadline != DateTimeOffset.MinValue;

    /// <summary>From the same functions that place: what the job waits for and what would help.</summary>
    public WhyView Explain(JobView job, Demand? demand) => Explain(job, demand, isOfTask: false, retry: null);

    /// <param name="isOfTask">What a task waits for that does not run yet, whatever others of the job do.</param>
    /// <param name="retry">What the job waits for before it asks for <paramref name="demand"/>.</param>
    internal WhyView Explain(JobView job, Demand? demand, bool isOfTask, RetryToCome? retry)
    {
        var known = demands.GetValueOrDefault(job.Id);
        if (job.HasEnded || (known is null && demand is null))
        {
            return new WhyView(job.Id, job.State, null, null, true, [], []);
        }

        var asked = known;
        if (asked is null || retry is not null)
        {
            asked = new FleetDemand(demand!, latest);
            asked.Heard(demand!, [], latest);
            asked.PauseAs(known);
        }

        return new Explanation(job, asked, [.. nodes.Values.Select(n => CandidateFor(asked, n, n.Free))], CountAhead(asked), latest)
        {
            Kept = reserved.FirstOrDefault(r => r.Value == job.Id).Key,
            Recalled = RecalledSlots(),
            Retry = retry,
            IsOfTask = isOfTask,
        }.View();
    }

    /// <summary>By node: how many slots others are to give back there, and what that makes free.</summary>
    private Dictionary<string, (int Slots, Resources Room)> RecalledSlots()
    {
        var back = new Dictionary<string, (int Slots, Resources Room)>(StringComparer.Ordinal); // looked up, never walked
        foreach (var (id, (keeps, _)) in recalled)
        {
            var lease = leases[id];
            var (slots, room) = back.GetValueOrDefault(lease.NodeId, (0, Resources.None));
            back[lease.NodeId] = (slots + lease.Slots - keeps, room.Plus(lease.PerTask.Times(lease.Slots - keeps)));
        }

        return back;
    }

    /// <summary>
    /// Jobs whose turn comes before this one's and that could take a node which it could use; the others hold nobody up. Of
    /// people with a smaller share as many as of its owner's own, and one more: turns go round.
    /// </summary>
    private int CountAhead(FleetDemand asked)
    {
        var usable = nodes.Values.Where(node => Placement.CouldEver(asked.Need, node)).ToList();
        var known = new Dictionary<string, bool>(StringComparer.Ordinal); // looked up, never walked: most jobs of a queue are alike
        var owner = people.GetValueOrDefault(asked.Owner);
        var own = owner?.Waiting.TakeWhile(d => FleetPerson.IsBefore(d, asked)).Count(Competes) ?? 0;
        var share = Shares.Of(owner?.Leased ?? Resources.None, lent);
        return own + people.Values.Where(p => p.Name != asked.Owner)
            .Sum(p => p.Waiting.Where(Competes).Take(own + (Shares.Of(p.Leased, lent) < share ? 1 : 0)).Count());

        bool Competes(FleetDemand other)
        {
            if (!known.TryGetValue(other.Need.Key, out var competes))
            {
                competes = usable.Exists(node => Placement.CouldEver(other.Need, node));
                known.Add(other.Need.Key, competes);
            }

            return competes;
        }
    }

    private NodeView View(FleetNode node)
    {
        var jobs = new SortedDictionary<string, NodeJobView>(StringComparer.Ordinal);
        foreach (var lease in node.Leases)
        {
            var cores = lease.PerTask.Cores * lease.Slots + (jobs.TryGetValue(lease.JobId, out var other) ? other.Cores : 0);
            jobs[lease.JobId] = new NodeJobView(lease.JobId, lease.JobId, demands[lease.JobId].Demand.Owner, cores);
        }

        var status = node.Presence == NodePresence.Offline ? "offline"
            : node.Usage.Paused ? "paused"
            : node.RestsUntil is not null ? "resting"
            : node.Leases.Count > 0 || node.HasForeign ? "busy"
            : "idle";
        var (lent, free) = (node.Offer.Capacity, node.Free);
        return new NodeView(
            node.Id, node.Name, node.Owner, "", status, lent.Cores, Math.Max(0, free.Cores), node.Usage.CpuTotal, lent.MemoryBytes,
            Math.Max(0, free.MemoryBytes), node.Usage.DiskFreeBytes, lent.Gpus, Math.Max(0, free.Gpus), node.Offer.GpuNames,
            node.Offer.Sandbox, node.Offer.Labels, [.. jobs.Values], node.LastSeen)
        {
            RestsUntil = node.RestsUntil,
        };
    }
}
