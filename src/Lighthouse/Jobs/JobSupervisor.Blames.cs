using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

// Nodes on which tasks fail that succeed elsewhere: the Fleet hears of them.
public sealed partial class JobSupervisor
{
    /// <summary>By node, how many tasks succeeded and how many failed by themselves there, as this incarnation saw it; looked up, never walked.</summary>
    private readonly Dictionary<string, (int Succeeded, int Failed)> records = new(StringComparer.Ordinal);

    private void Note(TaskEnd end, RunningAttempt? current)
    {
        if (resumedAt is null || current is null || current.Id != end.Attempt || RetryPolicy.IsNodesFault(end.Outcome))
        {
            return; // records begin anew with each incarnation
        }

        var nodeId = current.Lease.Lease.NodeId;
        var (succeeded, failed) = records.GetValueOrDefault(nodeId);
        records[nodeId] = end.Outcome.Succeeded ? (succeeded + 1, failed) : (succeeded, failed + 1);
    }

    /// <summary>
    /// The task succeeded: where it failed before is to blame if most tasks of this job fail there. A task that fails here and
    /// there by chance says nothing of a node.
    /// </summary>
    private void Blame(int task, string winnerId, Draft<JobEvent> draft)
    {
        foreach (var nodeId in failures.GetValueOrDefault(task).On ?? [])
        {
            if (nodeId != winnerId && records.GetValueOrDefault(nodeId) is var (succeeded, failed) && failed > succeeded)
            {
                draft.Send(Address.Fleet, new NodeBlamed(nodeId, Self.Id, task));
            }
        }
    }
}
