using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

// A job that is to run after others asks them until each has ended with success, and asks the Fleet for nothing before.
public sealed partial class JobSupervisor
{
    private const int ExitCodeNotBegun = 1;

    /// <summary>Those that are not known to have ended with success. That is never written down: a success stays one, and is told again.</summary>
    private readonly SortedSet<string> awaited = new(StringComparer.Ordinal);

    /// <summary>Jobs that wait for this one, as far as they have asked this incarnation.</summary>
    private readonly SortedSet<string> askers = new(StringComparer.Ordinal);

    /// <summary>When those that are waited for are asked again.</summary>
    private DateTimeOffset askDue;

    /// <summary>Jobs that must end before this one begins, or whose results are being put together for it.</summary>
    public IReadOnlyCollection<string> Awaited => HasEnded ? [] : awaited.Count == 0 && MustGather ? [Spec!.Combines!] : awaited;

    private bool IsWaiting => awaited.Count > 0 || MustGather;

    /// <summary>A job that has begun waits for none.</summary>
    private void AwaitAnew()
    {
        awaited.Clear();
        if (Spec!.Combines is null ? startedAt is null : gathered is null)
        {
            awaited.UnionWith(Spec.After ?? []);
        }
    }

    private void Ask(DateTimeOffset now, Draft<JobEvent> draft)
    {
        draft.Add(new AfterAsked(now));
        foreach (var job in awaited)
        {
            draft.Send(Address.Job(job), new AskOutcome(Self));
        }

        if (awaited.Count == 0)
        {
            Gather(draft);
        }
    }

    private void Hear(JobOutcome outcome, DateTimeOffset now, Draft<JobEvent> draft)
    {
        if (!awaited.Contains(outcome.JobId) || outcome is { Exists: true, State: null })
        {
            return;
        }

        var isOfParts = outcome.JobId == Spec!.Combines;
        if (outcome.State == JobState.Succeeded || (outcome.State == JobState.Failed && isOfParts && Spec.KeepGoing))
        {
            draft.Add(new AwaitedEnded(outcome.JobId)); // and with the next tick the Fleet is asked
            return;
        }

        var end = !outcome.Exists ? "is unknown" : outcome.State == JobState.Cancelled ? "was cancelled" : $"failed ({outcome.Reason})";
        NeverBegin(isOfParts ? $"its parts are job {outcome.JobId}, which {end}" : $"it was to run after job {outcome.JobId}, which {end}", JobState.Cancelled, now, draft);
    }

    private void NeverBegin(string reason, JobState state, DateTimeOffset now, Draft<JobEvent> draft)
    {
        draft.Add(new JobCompleted(state, ExitCodeNotBegun, RetryPolicy.Line(reason), now));
        draft.Send(Address.Fleet, new DemandEnded(Self.Id));
    }

    private void Answer(AskOutcome ask, Draft<JobEvent> draft)
    {
        draft.Send(ask.ReplyTo, new JobOutcome(Self.Id, Exists, completed?.State, completed?.Reason));
        if (Exists && !HasEnded && ask.ReplyTo.Kind == AddressKind.Job && askers.Count < JobLimits.AskersMax && !askers.Contains(ask.ReplyTo.Id))
        {
            draft.Add(new OutcomeAsked(ask.ReplyTo.Id));
        }
    }

    /// <summary>However the job ended, who waits for that hears it with the same step.</summary>
    private void TellAskers(Draft<JobEvent> draft)
    {
        if (askers.Count == 0 || draft.Events.OfType<JobCompleted>().LastOrDefault() is not { } end)
        {
            return;
        }

        foreach (var asker in askers)
        {
            draft.Send(Address.Job(asker), new JobOutcome(Self.Id, Exists: true, end.State, end.Reason));
        }
    }
}
