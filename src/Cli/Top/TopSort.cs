using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Top;

/// <summary>The orders of the lists, by the letters that ask for them: texts from A on, figures from the most on. Equals stand by name or age.</summary>
internal static class TopSort
{
    public const string OfNodes = "noscmg";
    public const string OfJobs = "nosad";

    /// <summary>As without a word of it, and nothing in the heading says so.</summary>
    public const char None = ' ';

    public static IReadOnlyList<NodeView> Nodes(IEnumerable<NodeView> nodes, TopState state)
    {
        var byName = nodes.OrderBy(node => node.Name, StringComparer.OrdinalIgnoreCase).ThenBy(node => node.Id, StringComparer.Ordinal);
        return Turned(state.NodeSort switch
        {
            'o' => byName.OrderBy(node => node.Owner, StringComparer.OrdinalIgnoreCase),
            's' => byName.OrderBy(node => node.Status, StringComparer.Ordinal),
            'c' => byName.OrderByDescending(node => node.Status == "offline" ? -1 : node.Cpu),
            'm' => byName.OrderByDescending(node => node.MemoryBytes - node.MemoryFreeBytes),
            'g' => byName.OrderByDescending(node => node.Gpus - node.GpusFree),
            _ => byName,
        }, state.NodesReversed);
    }

    public static IReadOnlyList<JobView> Jobs(IEnumerable<JobView> jobs, TopState state)
    {
        // The oldest first: those that run, mostly.
        var byAge = jobs.OrderBy(job => job.SubmittedAt).ThenBy(job => job.Id, StringComparer.Ordinal);
        return Turned(state.JobSort switch
        {
            'n' => byAge.OrderBy(job => job.Command, StringComparer.OrdinalIgnoreCase),
            'o' => byAge.OrderBy(job => job.Owner, StringComparer.OrdinalIgnoreCase),
            's' => byAge.OrderByDescending(job => job.State == "running"),
            'd' => byAge.OrderByDescending(Share),
            _ => byAge,
        }, state.JobsReversed);
    }

    /// <summary>Of a job that is done, 0 to 1.</summary>
    public static double Share(JobView job) => (job.ItemsDone ?? job.Succeeded + job.Failed) / (double)Math.Max(1, job.Items ?? job.Tasks);

    public static bool Has(NodeView node, string filter) =>
        Has(filter, node.Name) || Has(filter, node.Owner) || Has(filter, node.Status) || node.Jobs.Any(job => Has(filter, job.Name) || Has(filter, job.Owner) || Has(filter, job.Id));

    public static bool Has(JobView job, string filter) =>
        Has(filter, job.Id) || Has(filter, job.Name) || Has(filter, job.Owner) || Has(filter, job.Command) || Has(filter, job.State) || job.Nodes.Any(node => Has(filter, node));

    private static bool Has(string filter, string text) => text.Contains(filter, StringComparison.OrdinalIgnoreCase);

    private static List<T> Turned<T>(IEnumerable<T> sorted, bool reversed) => [.. reversed ? sorted.Reverse() : sorted];
}
