using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

// A job that combines another one's results has them put into one tree with its own inputs, once that one has ended, and then is as any other.
public sealed partial class JobSupervisor
{
    private string? gathered;

    /// <summary>As its tasks get it; null where it is a blob.</summary>
    public TaskTemplate? Template => gathered is null ? Spec?.Template : Spec?.Template is { } template ? template with { InputsDigest = gathered } : null;

    private bool MustGather => Spec?.Combines is not null && gathered is null;

    private DateTimeOffset OpenedAt => reopenedAt ?? submittedAt;

    private void Gather(Draft<JobEvent> draft) =>
        draft.Send(Address.Gatherer, new GatherResults(Self.Id, Spec!.Combines!, Spec.Template!.InputsDigest, OpenedAt, Self));

    private void Hear(ResultsGathered found, DateTimeOffset now, Draft<JobEvent> draft)
    {
        if (!MustGather || awaited.Count > 0 || found.OpenedAt != OpenedAt)
        {
            return;
        }

        if (found.Digest is { } digest)
        {
            draft.Add(new InputsGathered(digest, now)); // and with the next tick the Fleet is asked
        }
        else
        {
            NeverBegin($"the results of job {Spec!.Combines} can't be combined: {found.Complaint}", JobState.Failed, now, draft);
        }
    }
}
