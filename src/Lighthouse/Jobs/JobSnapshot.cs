using System.Text.Json.Serialization;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>
/// A supervisor's state: what replaying its events gives, and what is in no event, as the machine that lived knew it: leases
/// without attempts, later renewals of a lease, <paramref name="DroppedLeases"/>. Its JSON names never change.
/// </summary>
/// <param name="Fresh">First task that was never assigned.</param>
/// <param name="Retries">Tasks that wait for another attempt.</param>
/// <param name="Leases">As they were last assigned to, by id, with the attempts that run on them.</param>
/// <param name="Superseded">In the order in which they were replaced.</param>
/// <param name="Failures">By task.</param>
/// <param name="CommittedBy">Names of nodes with a committed result, in order.</param>
/// <param name="FirstFailure">The failed task of the lowest index.</param>
/// <param name="DroppedLeases">In the order in which they went.</param>
public sealed record JobSnapshot(
    JobSpec Spec,
    DateTimeOffset SubmittedAt,
    DateTimeOffset? StartedAt,
    JobCompleted? Completed,
    int Fresh,
    IReadOnlyList<TaskRange> Retries,
    IReadOnlyList<LeaseSnapshot> Leases,
    IReadOnlyList<Superseded> Superseded,
    IReadOnlyList<TaskFailures> Failures,
    IReadOnlyList<string> CommittedBy,
    int Succeeded,
    int Failed,
    FirstFailure? FirstFailure,
    IReadOnlyList<string> DroppedLeases)
{
    /// <summary>Items of each task that was sized as the job went; null where none was.</summary>
    public IReadOnlyList<int>? Made { get; init; }

    public ItemPace? Pace { get; init; }

    /// <summary>Tasks with a result that is none, with the numbers of their next attempts; null where there are none, or in one of a version that did not note them.</summary>
    public IReadOnlyList<TaskRange>? Failing { get; init; }

    public DateTimeOffset? ReopenedAt { get; init; }

    /// <summary>See <see cref="InputsGathered"/>.</summary>
    public string? Gathered { get; init; }

    /// <summary>Null in one of a version that knew no items: then each result is one.</summary>
    public int? ItemsDone { get; init; }
}

/// <param name="WallMsMean">Of the tasks that it has shown.</param>
/// <param name="Shown">How many, up to <see cref="JobLimits.AheadShownMin"/>.</param>
public sealed record LeaseSnapshot(Lease Lease, double WallMsMean, int Shown, IReadOnlyList<AttemptSnapshot> Attempts)
{
    public ItemPace? Pace { get; init; }
}

public sealed record AttemptSnapshot(int Task, int Attempt, long Connection, DateTimeOffset SentAt);

/// <summary>How often a task without a result has failed, by itself and by its nodes' fault, and how often its node went away.</summary>
public sealed record TaskFailures(int Task, int Own, int OfNodes, int Blame = 0)
{
    /// <summary>Ids of nodes on which it failed by itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? On { get; init; }

    /// <summary>How it failed by itself, the newest last; null for none, or in one of a version that did not note it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FailedTry>? Tries { get; init; }

    /// <summary>When it has cooled after it failed by itself; null when it was lost, or failed by its node, since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CoolAt { get; init; }
}

public sealed record FirstFailure(int Task, Outcome Outcome);
