using System.Text;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>A task's committed result: of which attempt, and every byte of it.</summary>
internal sealed partial class HistoryChecker
{
    private static readonly IReadOnlyDictionary<string, byte[]> NoFiles = new Dictionary<string, byte[]>();

    /// <summary>The committed attempt ran on the node that the pool names, to the end that the pool tells.</summary>
    private void CheckResult(AcknowledgedJob job, TaskView task, Mark[] marks)
    {
        var what = $"job {job.Id} task {task.Index} attempt {task.Attempt}";
        if (marks is not [{ Kind: "start" } start, { Kind: "end" } end])
        {
            violations.Add($"{what}: committed as {task.State} ({task.Cause}, {task.Detail}), but wrote: {string.Join("; ", marks.Select(m => m.ToString()))}");
            return;
        }

        if (start.Node != task.Node || end.ExitCode != task.ExitCode || task.Cause != "exited")
        {
            violations.Add($"{what}: committed as {task.ExitCode} ({task.Cause}) on {task.Node}, but ended with {end.ExitCode} on {start.Node}");
        }

        var state = end.ExitCode == 0 ? "succeeded" : "failed";
        if (task.State != state)
        {
            violations.Add($"{what}: is {task.State}, though it ended with {end.ExitCode}");
        }

        if (end.ExitCode != job.Script.ExitCode(task.Attempt))
        {
            violations.Add($"{what}: ended with {end.ExitCode} instead of {job.Script.ExitCode(task.Attempt)}");
        }

        CheckRetries(job, task, what);
    }

    /// <summary>A task that failed was tried as often as was asked for.</summary>
    private void CheckRetries(AcknowledgedJob job, TaskView task, string what)
    {
        // What could not be stored is a failure too, and no mark tells it.
        var failures = MayNotBeStored
            ? job.Script.FailingAttempts
            : history.Marks.Count(m => m.Job == job.Id && m.Task == task.Index && m.Attempt <= task.Attempt && IsFailure(m));
        if (task.State != "succeeded" && failures <= job.RetriesMax)
        {
            violations.Add($"{what}: is {task.State}, though it failed {failures} times and may be tried again {job.RetriesMax} times");
        }
    }

    private void CheckOutput(AcknowledgedJob job, TaskView task, byte[] output)
    {
        var expected = job.Script.Output(task.Index, task.Attempt);
        var actual = Encoding.UTF8.GetString(output);
        if (actual != expected)
        {
            var at = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
            violations.Add(
                $"job {job.Id} task {task.Index} attempt {task.Attempt}: {actual.Length} bytes of output instead of {expected.Length}, wrong from {at} on: " +
                $"'{Part(actual, at)}' instead of '{Part(expected, at)}'");
        }
    }

    private void CheckFiles(AcknowledgedJob job, TaskView task, IReadOnlyDictionary<string, byte[]>? told)
    {
        var files = told ?? NoFiles;
        var expected = job.Script.ResultBytes == 0 ? [] : new[] { TaskScript.ResultName };
        if (!files.Keys.SequenceEqual(expected))
        {
            violations.Add($"job {job.Id} task {task.Index}: result files are '{string.Join(' ', files.Keys)}' instead of '{string.Join(' ', expected)}'");
        }
        else if (expected.Length > 0
            && Encoding.UTF8.GetString(files[TaskScript.ResultName]) != job.Script.Result(job.Id, task.Index, task.Attempt, task.Node!))
        {
            violations.Add($"job {job.Id} task {task.Index} attempt {task.Attempt}: its result file is not what this attempt wrote");
        }
    }

    private static string Part(string text, int at) => text.Substring(at, Math.Min(40, text.Length - at));
}
