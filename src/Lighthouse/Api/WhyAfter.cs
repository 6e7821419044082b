using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>Why a job waits that is to run after others.</summary>
internal static class WhyAfter
{
    /// <param name="fleet">What the Fleet would say of it: told too where no node could ever run it.</param>
    /// <param name="before">Those that it waits for.</param>
    public static WhyView Of(WhyView fleet, IReadOnlyList<JobView> before)
    {
        var waits = $"for {Phrases.Names([.. before.Select(Describe)])}";
        return fleet.Feasible || fleet.WaitsFor is null
            ? fleet with { WaitsFor = waits, QueuePosition = null, Nodes = [], WouldHelp = [] }
            : fleet with { WaitsFor = $"{waits}; and then: {fleet.WaitsFor}", QueuePosition = null };
    }

    private static string Describe(JobView job) =>
        $"job {job.Id} ({job.State}{(job.IsSingle ? "" : $", {job.ItemsDone ?? job.Succeeded + job.Failed} of {job.Items ?? job.Tasks} done")})";
}
