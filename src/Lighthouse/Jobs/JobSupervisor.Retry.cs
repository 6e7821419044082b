using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

// A job that has ended without success goes on with what has not succeeded.
public sealed partial class JobSupervisor
{
    /// <summary>Tasks with a result that is none, each with the number of its next attempt.</summary>
    private readonly TaskRanges failed = new();
    private DateTimeOffset? reopenedAt;

    /// <summary>Tasks that a retry would run.</summary>
    private int Unsuccessful => Waiting + cooling.Count - cooling.Ready + running.Count + failed.Count;

    private void Retry(RetryJob retry, DateTimeOffset now, Draft<JobEvent> draft)
    {
        var refusal =
            !Exists ? "there is no such job"
            : !HasEnded ? "it has not ended: what fails can run again once it has"
            : completed!.State == JobState.Succeeded ? "all its tasks have succeeded: there is nothing to run again"
            : failed.Count < Failed ? "it ended under an earlier version, which did not note what failed: submit it again"
            : null;
        draft.Send(retry.ReplyTo, new JobRetryReply(refusal is null ? Unsuccessful : 0, refusal));
        if (refusal is null)
        {
            draft.Add(new JobReopened(retry.By, now));
            draft.Add(new Resumed(now)); // and with the next tick the Fleet is asked
        }
    }

    /// <summary>Nothing is left of what ran when the job ended: it was stopped, and what it may still say comes too late.</summary>
    private void ApplyReopened(JobReopened reopened)
    {
        if (!HasEnded)
        {
            throw new InvalidOperationException("the job was reopened and had not ended");
        }

        foreach (var lease in leases.All.ToList())
        {
            foreach (var attempt in lease.Attempts.ToList())
            {
                Leave(attempt);
                pending.Add(attempt.Id with { Attempt = attempt.Id.Attempt + 1 });
            }

            leases.Drop(lease.Lease.Id);
        }

        foreach (var range in cooling.All.ToList())
        {
            pending.Add(new AttemptRef(range.First, range.Attempt));
        }

        cooling.Clear();
        foreach (var range in failed.All)
        {
            for (var task = range.First; task < range.End; task++)
            {
                pending.Add(new AttemptRef(task, range.Attempt));
                itemsDone -= chunks.Of(task).Count;
            }
        }

        failed.Clear();
        failures.Clear();
        superseded.Clear();
        pending.AllRunWithOthers();
        (Failed, firstFailure, completed, HasEnded) = (0, null, null, false);
        (reopenedAt, recoveryEnds, slotsTold) = (reopened.At, null, 0);
        gathered = null; // the job whose results it combines may have gone on, too
        AwaitAnew();
    }

    /// <summary>All attempts of it have lower numbers.</summary>
    private int NextAttempt(AttemptRef committed, RunningAttempt? current) =>
        Math.Max(committed.Attempt + 1, current is not null ? current.Id.Attempt + 1 : NextAttemptOf(committed.Task));

    /// <summary>Number of the attempt that the task waits for, or 0 if it does not wait.</summary>
    private int NextAttemptOf(int task) => Math.Max(pending.AttemptOf(task), cooling.AttemptOf(task));
}
