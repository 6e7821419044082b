using AkkaCompute.Protocol.Api;
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

    /// <summary>From the same functions that place: what the job waits for and what would help.</summary>
    public WhyView Explain(JobView job, Demand? demand)
    {
        var known = demands.GetValueOrDefault(job.Id);
        if (job.HasEnded || (known is null && demand is null))
        {
            return new WhyView(job.Id, job.State, null, null, true, [], []);
        }

        var asked = known;
        if (asked is null)
        {
            asked = new FleetDemand(demand!, latest);
            asked.Heard(demand!, [], latest);
        }

        return new Explanation(job, asked, [.. nodes.Values], CountAhead(asked), latest).View();
    }

    /// <summary>Earlier ones that could take a node which this one could use; the others hold nobody up.</summary>
    private int CountAhead(FleetDemand asked)
    {
        var usable = nodes.Values.Where(node => Placement.CouldEver(asked.Need, node)).ToList();
        var known = new Dictionary<string, bool>(StringComparer.Ordinal); // looked up, never walked: most jobs of a queue are alike
        var ahead = 0;
        foreach (var earlier in waiting.TakeWhile(d => InOrder.Compare(d, asked) < 0))
        {
            var need = earlier.Need;
            if (!known.TryGetValue(need.Key, out var competes))
            {
                competes = usable.Exists(node => Placement.CouldEver(need, node));
                known.Add(need.Key, competes);
            }

            ahead += competes ? 1 : 0;
        }

        return ahead;
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
            : node.Leases.Count > 0 || node.HasForeign ? "busy"
            : "idle";
        var (lent, free) = (node.Offer.Capacity, node.Free);
        return new NodeView(
            node.Id, node.Name, node.Owner, "", status, lent.Cores, Math.Max(0, free.Cores), node.Usage.CpuTotal, lent.MemoryBytes,
            Math.Max(0, free.MemoryBytes), node.Usage.DiskFreeBytes, lent.Gpus, Math.Max(0, free.Gpus), node.Offer.GpuNames,
            node.Offer.Sandbox, node.Offer.Labels, [.. jobs.Values], node.LastSeen);
    }
}
