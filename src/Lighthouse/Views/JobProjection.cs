using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Views;

/// <summary>What lists and watchers learn from a job's events.</summary>
internal static class JobProjection
{
    /// <summary>Results that stand whatever becomes of their job; the others go when it is reopened.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>Rows of the tasks whose results <paramref name="e"/> commits; those that it takes back go.</summary>
    public static void AddResults(string jobId, JobEvent e, List<TaskResult> results)
    {
        if (e is JobReopened)
        {
            results.RemoveAll(result => result.View.State != Succeeded);
        }

        if (e is not TasksEnded ended)
        {
            return;
        }

        foreach (var end in ended.Ends)
        {
            if (end.Committed)
            {
                results.Add(new TaskResult(jobId, ViewOf(end, ended.NodeName)));
            }
        }
    }

    /// <summary>The tasks that got an attempt, lost one, or have a result.</summary>
    public static IEnumerable<int> ChangedTasks(JobEvent e) => e switch
    {
        TasksAssigned assigned => assigned.Tasks.SelectMany(range => Enumerable.Range(range.First, range.Count)),
        TasksEnded ended => ended.Ends.Select(end => end.Attempt.Task),
        AttemptsLost lost => lost.Attempts.Select(attempt => attempt.Task),
        _ => [],
    };

    public static string StateOf(Outcome outcome) => outcome switch
    {
        { Succeeded: true } => Succeeded,
        { Cause: EndCause.Cancelled } => "cancelled",
        _ => "failed",
    };

    private static TaskView ViewOf(TaskEnd end, string nodeName) => new(
        end.Attempt.Task, StateOf(end.Outcome), end.Attempt.Attempt, nodeName, end.Outcome.ExitCode, CauseOf(end.Outcome.Cause),
        end.Outcome.Detail, end.Outcome.WallMs, end.Outcome.CpuMs, end.Outcome.MemoryBytesMax, end.Produced.OutputBytes,
        end.Produced.ResultsDigest);

    private static string CauseOf(EndCause cause) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(cause.ToString());
}
