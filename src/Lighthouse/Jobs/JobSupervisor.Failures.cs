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

    /// <summary>The one with the lowest index of those that failed for good; null while none has.</summary>
    internal FailedTask? FirstFailed => firstFailure is var (task, _) ? new FailedTask(task, Name(task), Spec!.Template?.Items as ListItems, chunks.Of(task).First) : null;

    private string Name(int task) => Spec!.Items is { } items ? $"task {task} ({ItemNames.Of(items, Spec.Template?.Items, chunks.Of(task))})" : $"task {task}";
}

/// <param name="Name">As people know it, as far as the job does: <c>task 3 (frame 4)</c>.</param>
/// <param name="Lists">What its values are of; null where it has none.</param>
/// <param name="Item">Its first one.</param>
internal sealed record FailedTask(int Task, string Name, ListItems? Lists, int Item);
