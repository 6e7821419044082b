using System.Text.Json.Serialization;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>What happened to a job. The durable ones are its journal; their JSON names never change.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "e")]
[JsonDerivedType(typeof(JobSubmitted), "submitted")]
[JsonDerivedType(typeof(TasksAssigned), "assigned")]
[JsonDerivedType(typeof(TasksEnded), "ended")]
[JsonDerivedType(typeof(AttemptsLost), "lost")]
[JsonDerivedType(typeof(AttemptsAlive), "alive")]
[JsonDerivedType(typeof(JobCancelled), "cancelled")]
[JsonDerivedType(typeof(JobCompleted), "completed")]
[JsonDerivedType(typeof(JobReopened), "reopened")]
[JsonDerivedType(typeof(InputsGathered), "gathered")]
public abstract record JobEvent;

public sealed record JobSubmitted(JobSpec Spec, DateTimeOffset At) : JobEvent;

/// <summary>These attempts are on their way to the lease's node. Written before they are sent.</summary>
public sealed record TasksAssigned(Lease Lease, IReadOnlyList<TaskRange> Tasks, DateTimeOffset At) : JobEvent
{
    /// <summary>How many items each of the tasks has that are made with this; null when none is.</summary>
    public IReadOnlyList<int>? Made { get; init; }
}

/// <summary>Attempts that ended by themselves, in the order in which they were decided.</summary>
public sealed record TasksEnded(string NodeName, IReadOnlyList<TaskEnd> Ends, DateTimeOffset At) : JobEvent;

/// <param name="Committed">This is the task's result, for good; otherwise the task is tried again.</param>
public sealed record TaskEnd(AttemptRef Attempt, Outcome Outcome, Produced Produced, bool Committed);

/// <summary>Attempts that will be replaced: their node went, restarted, refused them or gave them back.</summary>
public sealed record AttemptsLost(IReadOnlyList<AttemptRef> Attempts, string Reason, DateTimeOffset At) : JobEvent
{
    /// <summary>Their processes are dead for certain; otherwise they may still finish, and win.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Gone { get; init; }

    /// <summary>They go on, and are only taken on elsewhere as well because they are slow where they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Slow { get; init; }

    /// <summary>How much it speaks against their tasks that their node went away while they ran; see <see cref="JobLimits.BlameMax"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Blame { get; init; }
}

/// <summary>
/// Their node, which was taken for dead when its connection closed, is back as the same process and has them: see <see cref="AttemptsLost.Blame"/>.
/// </summary>
public sealed record AttemptsAlive(IReadOnlyList<AttemptRef> Attempts, DateTimeOffset At) : JobEvent;

/// <summary>The user ended the job; its unfinished tasks are cancelled.</summary>
public sealed record JobCancelled(string By, DateTimeOffset At) : JobEvent;

/// <summary>Terminal, but for <see cref="JobReopened"/>. <paramref name="ExitCode"/> is what <c>akc run</c> ends with.</summary>
public sealed record JobCompleted(JobState State, int ExitCode, string? Reason, DateTimeOffset At) : JobEvent;

/// <summary>
/// The job goes on that had failed or was cancelled: its tasks that have not succeeded wait again, with numbers of attempts that go on
/// and tries that are counted anew. Nothing of the attempts before it counts any more.
/// </summary>
public sealed record JobReopened(string By, DateTimeOffset At) : JobEvent;

/// <summary>The results that the job combines lie in a tree with its own inputs: that is what its task gets, on every try until a retry.</summary>
public sealed record InputsGathered(string Digest, DateTimeOffset At) : JobEvent;
