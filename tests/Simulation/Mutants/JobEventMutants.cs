using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation.Mutants;

/// <summary>A supervisor that writes down something else.</summary>
/// <param name="instead">The events in place of one that it decided.</param>
internal class WritesInstead(Func<JobEvent, IEnumerable<JobEvent>> instead) : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        new([.. step.Events.SelectMany(instead)], step.Outbox);
}

internal sealed class LosesNextAttempt() : WritesInstead(e =>
    [e is AttemptsLost lost ? lost with { Attempts = [.. lost.Attempts.Select(a => a with { Attempt = a.Attempt + 1 })] } : e]);

internal sealed class GivesUpTooSoon() : WritesInstead(e => [e is AttemptsLost lost ? lost with { Blame = lost.Blame * 9 } : e]);

internal sealed class NamesAnotherNode() : WritesInstead(e => [e is TasksEnded ended ? ended with { NodeName = "elsewhere" } : e]);

internal sealed class CommitsTwice() : WritesInstead(e => e is TasksEnded { Ends: [{ Committed: true }] } ? [e, e] : [e]);

internal sealed class EndsWithFirstResult() : WritesInstead(e =>
    e is TasksEnded { Ends: [{ Committed: true }] } ended ? [e, new JobCompleted(JobState.Succeeded, 0, null, ended.At)] : [e]);

internal sealed class SucceedsAnyway() : WritesInstead(e =>
    [e is JobCompleted { State: JobState.Failed } completed ? completed with { State = JobState.Succeeded, ExitCode = 0 } : e]);

/// <summary>Tries what has its result again.</summary>
internal class RetriesResults(Func<TaskEnd, bool> which) : WritesInstead(e =>
    e is TasksEnded ended ? [ended with { Ends = [.. ended.Ends.Select(end => which(end) ? end with { Committed = false } : end)] }]
    : e is JobCompleted { State: not JobState.Cancelled } ? []
    : [e]);

internal sealed class RetriesSuccess() : RetriesResults(end => end.Outcome.Succeeded);

internal sealed class RetriesForEver() : RetriesResults(end => !end.Outcome.Succeeded && end.Outcome.Cause != EndCause.NodeLost);

internal sealed class RetriesNever : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        step.Events.OfType<TasksEnded>().SingleOrDefault(e => e.Ends is [{ Committed: false }]) is { } ended
            ? new Step<JobEvent>([ended with { Ends = [ended.Ends[0] with { Committed = true }] }], [.. step.Outbox.Where(e => e.Message is not Assign)])
            : step;
}

internal sealed class RepeatsAttemptNumbers : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) => new(
        [.. step.Events.Select(e => e is TasksAssigned assigned ? assigned with { Tasks = Repeated(assigned.Tasks) } : e)],
        [.. step.Outbox.Select(e => e.Message is Assign assign ? e with { Message = assign with { Tasks = Repeated(assign.Tasks) } } : e)]);

    private static List<TaskRange> Repeated(IReadOnlyList<TaskRange> tasks) => [.. tasks.Select(r => r with { Attempt = Math.Max(1, r.Attempt - 1) })];
}

internal sealed class SubmitsAgain : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        message is SubmitJob submit && machine is { Exists: true, HasEnded: false }
            ? new Step<JobEvent>([.. step.Events, new JobSubmitted(submit.Spec, DateTimeOffset.UnixEpoch)], step.Outbox)
            : step;
}

internal sealed class ForgetsCancel : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        message is CancelJob ? new Step<JobEvent>(null, [.. step.Outbox.Where(e => e.To.Kind == AddressKind.Client)]) : step;
}

internal sealed class CancelsWhatIsOver : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        message is CancelJob cancel && machine.HasEnded
            ? new Step<JobEvent>([.. step.Events, new JobCancelled(cancel.By, DateTimeOffset.UnixEpoch)], step.Outbox)
            : step;
}

internal sealed class ForgetsRetry : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        message is RetryJob ? new Step<JobEvent>(null, [.. step.Outbox.Where(e => e.To.Kind == AddressKind.Client)]) : step;
}
