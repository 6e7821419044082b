using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

public sealed partial class JobSupervisor
{
    /// <summary>What <c>akc run</c> exits with when its job was cancelled: as after Ctrl-C.</summary>
    private const int ExitCodeCancelled = 130;

    private void Submit(SubmitJob submit, DateTimeOffset now, Draft<JobEvent> draft)
    {
        if (!Exists)
        {
            draft.Add(new JobSubmitted(submit.Spec, now));
            draft.Add(new Resumed(now));
            if (submit.Spec.After is null) // else the jobs before it are asked, with the next tick
            {
                var wanted = Math.Min(submit.Spec.TaskCount, SlotsMax(submit.Spec));
                draft.Add(new DemandSent(wanted, now));
                draft.Send(Address.Fleet, MakeDemand(submit.Spec, now, wanted, []));
            }
        }

        draft.Send(submit.ReplyTo, new JobAccepted(Self.Id));
    }

    private void Cancel(CancelJob cancel, DateTimeOffset now, Draft<JobEvent> draft)
    {
        draft.Send(cancel.ReplyTo, new JobCancelReply(Exists, HasEnded));
        if (!Exists || HasEnded)
        {
            return;
        }

        draft.Add(new JobCancelled(cancel.By, now));
        draft.Add(new JobCompleted(JobState.Cancelled, ExitCodeCancelled, $"cancelled by {cancel.By}", now));
        StopAll(draft);
        draft.Send(Address.Fleet, new DemandEnded(Self.Id));
    }
}
