using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

public sealed partial class JobSupervisor
{
    private const int ExitCodeNodeLost = 1;

    /// <summary>
    /// All attempts of a lease went with it. They are replaced, but for tasks whose nodes went away too often: these have
    /// failed for good.
    /// </summary>
    private void Lose(JobLease lease, AttemptsLost lost, Draft<JobEvent> draft)
    {
        var given = lost.Blame > 0 ? lost.Attempts.Where(a => failures.GetValueOrDefault(a.Task).Blame + lost.Blame >= JobLimits.BlameMax).ToList() : [];
        if (given.Count < lost.Attempts.Count)
        {
            draft.Add(given.Count == 0 ? lost : lost with { Attempts = [.. lost.Attempts.Except(given)] });
        }

        if (given.Count == 0)
        {
            return;
        }

        var outcome = new Outcome(EndCause.NodeLost, ExitCodeNodeLost, null, 0, 0, 0);
        var ends = given.ConvertAll(a => new TaskEnd(a, outcome, Produced.Nothing, Committed: true));
        draft.Add(new TasksEnded(lease.Lease.NodeName, ends, lost.At));
        given.ForEach(a => StopOthers(a, null, draft)); // if that ends the job, it does with the next tick
    }

    /// <summary>Nodes died under it so often that it may be the reason.</summary>
    private bool IsSuspect(int task) => failures.GetValueOrDefault(task).Blame >= JobLimits.BlameAlone;

    /// <summary>Its node lives: the connection was closed, and nothing speaks against the task but that.</summary>
    private void ApplyAlive(AttemptRef id)
    {
        var excess = superseded.Ease(id, JobLimits.BlameOfSilence);
        if (excess > 0 && failures.TryGetValue(id.Task, out var before))
        {
            failures[id.Task] = before with { Blame = before.Blame - excess };
            if (!IsSuspect(id.Task))
            {
                pending.RunsWithOthers(id.Task);
            }
        }
    }
}
