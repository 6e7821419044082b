using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>How often a task has failed, by itself and by its nodes' fault, and how often its node went away while it ran.</summary>
internal readonly record struct Failures(int Own, int OfNodes, int Blame)
{
    /// <summary>Ids of nodes on which it failed by itself, the newest last; null for none.</summary>
    public IReadOnlyList<string>? On { get; init; }

    /// <summary>How it failed by itself, the newest last; null for none.</summary>
    public IReadOnlyList<FailedTry>? Tries { get; init; }

    /// <summary>When it has cooled after it failed by itself; null when it was lost, or failed by its node, since.</summary>
    public DateTimeOffset? CoolAt { get; init; }
}

/// <summary>Whether an end is the task's result.</summary>
internal static class RetryPolicy
{
    /// <summary>The node could not run it, or was told to stop it: that says nothing about the task.</summary>
    public static bool IsNodesFault(Outcome outcome) =>
        outcome.Cause is EndCause.InputsFailed or EndCause.DiskFull or EndCause.Cancelled;

    /// <summary>For good: it succeeded, or its tries are used up.</summary>
    public static bool IsFinal(Outcome outcome, bool isNodesFault, Failures before, int retriesMax) =>
        outcome.Succeeded || (isNodesFault ? before.OfNodes >= JobLimits.NodeFaultsMax : before.Own >= retriesMax);

    /// <param name="nodeId">Where it failed; null where that is not known.</param>
    public static Failures Count(bool isNodesFault, Failures before, string? nodeId, FailedTry last, DateTimeOffset at)
    {
        if (isNodesFault)
        {
            return before with { OfNodes = before.OfNodes + 1, CoolAt = null };
        }

        IEnumerable<string> on = nodeId is null ? before.On ?? [] : [.. (before.On ?? []).Where(id => id != nodeId), nodeId];
        return before with
        {
            Own = before.Own + 1,
            On = [.. on.TakeLast(JobLimits.FailedOnMax)],
            Tries = [.. (before.Tries ?? []).Append(last).TakeLast(JobLimits.FailedOnMax)],
            CoolAt = at + Cooling(before.Own),
        };
    }

    /// <summary>Doubles from failure to failure: what is short of something may have it by then.</summary>
    public static TimeSpan Cooling(int failuresBefore) =>
        TimeSpan.FromSeconds(Math.Min(JobLimits.CoolSecondsMax, JobLimits.CoolSecondsMin * Math.Pow(2, Math.Min(failuresBefore, 30))));

    /// <summary>One line for people, such as <c>exited with 7</c>.</summary>
    public static string Describe(Outcome outcome)
    {
        var cause = outcome.Cause switch
        {
            EndCause.Exited => $"exited with {outcome.ExitCode}",
            EndCause.Signalled => $"was ended by signal {outcome.ExitCode - 128}",
            EndCause.Timeout => "ran longer than its timeout",
            EndCause.Stalled => "printed nothing for too long",
            EndCause.Cancelled => "was stopped by its node",
            EndCause.NotStarted => "could not be started",
            EndCause.InputsFailed => "did not get its inputs",
            EndCause.OutputLimit => "printed more than the output limit",
            EndCause.OutOfMemory => "ran out of memory",
            EndCause.DiskFull => "filled its node's disk",
            EndCause.NotStored => "could not have its output or results stored",
            EndCause.NodeLost => "was given up: node after node went away while it ran",
            _ => "failed",
        };
        return outcome.Detail is { Length: > 0 } detail ? $"{cause}: {detail}" : cause;
    }

    /// <summary>What <c>why</c> says of a failure when the task has been tried again.</summary>
    public static FailedTry Try(string nodeName, Outcome outcome) => new(nodeName, Printable.Line(Describe(outcome), JobLimits.TryCharsMax));

    /// <summary>What a node says, bounded and on one line.</summary>
    public static Outcome Trim(Outcome outcome)
    {
        if (outcome.Detail is not { } detail)
        {
            return outcome;
        }

        var line = Line(detail);
        return line == detail ? outcome : outcome with { Detail = line };
    }

    /// <summary>Bounded, and on one line.</summary>
    public static string Line(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= JobLimits.DetailCharsMax ? line : line[..JobLimits.DetailCharsMax];
    }
}
