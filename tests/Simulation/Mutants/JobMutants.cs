using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation.Mutants;

internal sealed class IgnoresAttemptNumber : Mutation<JobSupervisor, JobEvent>
{
    public override Message Hears(JobSupervisor machine, Message message) =>
        message is TaskFinished finished && machine.Unfinished(finished.Attempt.Task) is { } task
            ? finished with { Attempt = finished.Attempt with { Attempt = task.Attempt } }
            : message;
}

internal sealed class BeginsTooSoon : Mutation<JobSupervisor, JobEvent>
{
    public override Message Hears(JobSupervisor machine, Message message) =>
        message is JobOutcome { State: null } outcome ? outcome with { State = JobState.Succeeded } : message;
}

internal sealed class ForgetsToAskAgain : Mutation<JobSupervisor, JobEvent>
{
    public override DateTimeOffset? Deadline(JobSupervisor machine, DateTimeOffset? deadline) =>
        deadline is null || deadline == DateTimeOffset.MinValue ? deadline : DateTimeOffset.MaxValue;
}

internal sealed class LosesAttemptsLost : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        message is LeaseEnded && step.Events.Any(e => e is AttemptsLost) ? Step<JobEvent>.Nothing : step;
}

/// <summary>Its clock is ahead by the whole time of a recovery, but for the first look.</summary>
internal sealed class RecoversWithoutWaiting : Mutation<JobSupervisor, JobEvent>
{
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(LinkTimes.RecoverySeconds);

    public override DateTimeOffset Now(Message message, DateTimeOffset now) => message is Tick && resumed ? now + Ahead : now;

    public override DateTimeOffset? Deadline(JobSupervisor machine, DateTimeOffset? deadline) =>
        deadline is { } at && at > DateTimeOffset.MinValue + Ahead ? at - Ahead : deadline;

    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step)
    {
        resumed |= step.Events.Any(e => e is Resumed);
        return step;
    }

    private bool resumed;
}

internal sealed class CountsRefusedAsFinished : Mutation<JobSupervisor, JobEvent>
{
    private static readonly Outcome Done = new(EndCause.Exited, 0, null, 1, 1, 1);

    public override Message Hears(JobSupervisor machine, Message message) => message is AttemptsRefused { Attempts: [var first, ..] } refused
        ? new TaskFinished(refused.JobId, first, refused.NodeId, refused.BootId, Done, Produced.Nothing)
        : message;
}

internal sealed class ReleasesLeaseTwice : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        message is TaskFinished finished && machine.Demand?.Held.FirstOrDefault(l => l.NodeId == finished.NodeId) is { } lease
            ? new Step<JobEvent>(step.Events, [.. step.Outbox, new Envelope(Address.Fleet, new ReleaseLease(finished.JobId, lease.Id))])
            : step;
}

internal sealed class AcknowledgesUnwritten : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        message is TaskFinished { Attempt.Task: 0 } finished && machine.IsAssigned(finished.Attempt, finished.NodeId)
            ? new Step<JobEvent>(null, [.. step.Outbox.Where(e => e.Message is ResultAck)])
            : step;
}

internal sealed class LosesAssignments : Mutation<JobSupervisor, JobEvent>
{
    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        new(step.Events, [.. step.Outbox.Where(e => e.Message is not Assign { Tasks: [{ First: 0 }, ..] })]);
}

internal sealed class ThrowsAtLeaseEnd : Mutation<JobSupervisor, JobEvent>
{
    public override Message Hears(JobSupervisor machine, Message message) =>
        message is LeaseEnded ? throw new InvalidOperationException("planted") : message;
}

internal sealed class TicksForEver : Mutation<JobSupervisor, JobEvent>
{
    public override DateTimeOffset? Deadline(JobSupervisor machine, DateTimeOffset? deadline) => deadline is null ? null : DateTimeOffset.MinValue;

    public override Step<JobEvent> Decides(JobSupervisor machine, Message message, Step<JobEvent> step) =>
        message is Tick && machine is { Exists: true, HasEnded: false } ? new Step<JobEvent>([.. step.Events, LeasesFilled.Instance], step.Outbox) : step;
}

/// <summary>Takes another job than the one that was submitted.</summary>
internal class TakesInstead(Func<JobSpec, JobSpec> instead) : Mutation<JobSupervisor, JobEvent>
{
    public override Message Hears(JobSupervisor machine, Message message) => message is SubmitJob submit ? submit with { Spec = instead(submit.Spec) } : message;
}

internal sealed class ForgetsMax() : TakesInstead(spec => spec with { Max = null });

internal sealed class GoesOnAnyway() : TakesInstead(spec => spec with { KeepGoing = true });
