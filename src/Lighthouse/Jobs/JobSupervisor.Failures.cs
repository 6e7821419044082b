using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

// What people are told of tasks that failed.
public sealed partial class JobSupervisor
{
    /// <summary>Where all that is left of the job failed and is to be tried again: what it will ask for then. Else null.</summary>
    internal (RetryToCome ToCome, Demand Demand)? RetryToCome
    {
        get
        {
            if (cooling.Count == 0 || running.Count > 0 || Waiting > cooling.Ready || DemandToCome is not { } demand)
            {
                return null;
            }

            var first = cooling.First;
            var failure = failures.GetValueOrDefault(first).Tries is [.., var last] ? $"{Name(first)} {last.How} on {last.Node}" : $"{Name(first)} failed";
            return (
                new RetryToCome(cooling.Count, failure, cooling.Ready > 0 ? null : cooling.NextDue),
                demand with { SlotsWanted = Math.Min(cooling.Count, SlotsMax(Spec!)), Avoid = cooling.NotOnOfAll });
        }
    }

    private string Name(int task) =>
        !chunks.HasItems ? $"task {task}"
        : chunks.Of(task) is { Count: 1, First: var only } ? $"task {task} (item {only})"
        : $"task {task} (items {chunks.Of(task).First} to {chunks.Of(task).End - 1})";
}
