using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Scale;

/// <summary>Jobs of many tasks, as <c>akc array</c> and <c>akc map --range</c> submit them.</summary>
internal static class MeasuredJob
{
    public const string Id = "job";

    /// <summary>All nodes are connected by then.</summary>
    public const long SubmitAt = 5 * Virtual.Second;

    /// <summary>Of a task of an array, of an item of a range.</summary>
    private const long Mean = Virtual.Second;

    private static readonly TaskTemplate Command = new(["true"], null, new SortedDictionary<string, string>(StringComparer.Ordinal), [], null);

    private static readonly JobSpec One = new("measured", "ada", "true", 1, new ResourceRequest(), null, [], [], RetriesMax: 2, Command, null);

    /// <summary>A task each.</summary>
    public static JobPlan Array(int tasks) => Plan(One with { TaskCount = tasks });

    /// <summary>Tasks of several items each, sized as the job goes.</summary>
    public static JobPlan Range(int items) =>
        Plan(One with { TaskCount = items, Items = new JobItems(items, JobItems.Auto), Template = Command with { Items = new RangeItems(1) } });

    private static JobPlan Plan(JobSpec spec) => new(Id, spec, SubmitAt, null, Mean, null, null);
}
