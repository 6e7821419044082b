using System.Text;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>A job that the pool has acknowledged, and what it must come to.</summary>
/// <param name="RetriesMax">As submitted.</param>
internal sealed record AcknowledgedJob(string Id, TaskScript Script, int TaskCount, int RetriesMax);

/// <summary>
/// Holds what the pool says of its jobs against what their attempts wrote while they ran. It knows nothing of how the pool works, only
/// what is promised.
/// </summary>
internal sealed class HistoryChecker(PoolSocket pool, string folder)
{
    private readonly List<string> violations = [];

    /// <summary>Whether a task may end with the word that the Lighthouse could not keep what it made.</summary>
    public bool MayNotBeStored { get; init; }

    /// <summary>What is broken, one line each; empty when all promises are kept. All jobs must have ended, or they are named here.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(IReadOnlyList<AcknowledgedJob> acknowledged, CancellationToken cancel)
    {
        violations.Clear();
        var history = History.Read(folder);
        var jobs = (await pool.JobsAsync(cancel)).ToDictionary(j => j.Id);
        foreach (var job in acknowledged)
        {
            if (!jobs.TryGetValue(job.Id, out var view))
            {
                violations.Add($"job {job.Id}: acknowledged, and lost");
            }
            else if (!view.HasEnded)
            {
                violations.Add($"job {job.Id}: has not ended ({view.State}, {view.Running} running, {view.Queued} queued: {view.Reason})");
            }
            else
            {
                await CheckJobAsync(job, view, history, cancel);
            }
        }

        var known = acknowledged.Select(j => j.Id).ToHashSet();
        violations.AddRange(jobs.Keys.Where(id => !known.Contains(id)).Select(id => $"job {id}: nobody submitted it, or one submit became two jobs"));
        CheckStarts(history);
        CheckProcesses(known);
        return violations;
    }

    /// <summary>Which attempts of <paramref name="jobs"/> still have processes, by what their environment says.</summary>
    public static IReadOnlyList<string> Processes(IReadOnlySet<string> jobs) =>
    [
        .. LinuxProcess.All()
            .Where(p => p.Environment.Any(v => v.StartsWith("AKC_JOB_ID=", StringComparison.Ordinal) && jobs.Contains(v["AKC_JOB_ID=".Length..])))
            .Select(p => $"process {p.Pid} of " + string.Join(' ', p.Environment.Where(v => v.StartsWith("AKC_", StringComparison.Ordinal)))),
    ];

    private async Task CheckJobAsync(AcknowledgedJob job, JobView view, History history, CancellationToken cancel)
    {
        var tasks = await pool.TasksAsync(job.Id, cancel);
        var outputs = await pool.OutputsAsync(job.Id, cancel);
        if (!tasks.Select(t => t.Index).SequenceEqual(Enumerable.Range(0, job.TaskCount)))
        {
            violations.Add($"job {job.Id}: has {tasks.Count} tasks of {job.TaskCount}, or one twice");
        }

        if (view.Succeeded + view.Failed != job.TaskCount || view.Succeeded != tasks.Count(t => t.State == "succeeded"))
        {
            violations.Add($"job {job.Id}: counts {view.Succeeded} succeeded and {view.Failed} failed of {job.TaskCount}");
        }

        // Told as what it is; nothing of it counts as done.
        foreach (var task in tasks.Where(t => !(MayNotBeStored && t is { State: "failed", Cause: "notStored" } && t.Detail!.Contains("disk", StringComparison.Ordinal))))
        {
            CheckResult(job, task, [.. history.Of(job.Id, task.Index, task.Attempt)]);
            CheckOutput(job, task, outputs.GetValueOrDefault(task.Index, []));
            await CheckFilesAsync(job, task, cancel);
        }
    }

    /// <summary>The committed attempt ran on the node that the pool names, to the end that the pool tells.</summary>
    private void CheckResult(AcknowledgedJob job, TaskView task, Mark[] marks)
    {
        var what = $"job {job.Id} task {task.Index} attempt {task.Attempt}";
        if (marks is not [{ Kind: "start" } start, { Kind: "end" } end])
        {
            violations.Add($"{what}: committed as {task.State} ({task.Cause}, {task.Detail}), but wrote: {string.Join("; ", marks.Select(m => m.ToString()))}");
        }
        else if (start.Node != task.Node || end.ExitCode != task.ExitCode || task.Cause != "exited")
        {
            violations.Add($"{what}: committed as {task.ExitCode} ({task.Cause}) on {task.Node}, but ended with {end.ExitCode} on {start.Node}");
        }

        var mayFail = job.Script.FailingAttempts > job.RetriesMax;
        if (task.State != "succeeded" && !mayFail)
        {
            violations.Add($"{what}: is {task.State}, though it fails {job.Script.FailingAttempts} times and may be tried again {job.RetriesMax} times");
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

    private async Task CheckFilesAsync(AcknowledgedJob job, TaskView task, CancellationToken cancel)
    {
        var files = task.ResultsDigest is null ? new Dictionary<string, byte[]>() : await pool.FilesAsync(task.ResultsDigest, cancel);
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

    private void CheckStarts(History history)
    {
        foreach (var twice in history.Starts.GroupBy(m => (m.Job, m.Task, m.Attempt)).Where(g => g.Count() > 1))
        {
            violations.Add($"job {twice.Key.Job} task {twice.Key.Task}: attempt {twice.Key.Attempt} was started {twice.Count()} times: {string.Join("; ", twice)}");
        }
    }

    /// <summary>All jobs have ended: soon nothing of them runs any more, superseded attempts included.</summary>
    private void CheckProcesses(HashSet<string> jobs)
    {
        var end = DateTime.UtcNow + LingerMax;
        var left = Processes(jobs);
        while (left.Count > 0 && DateTime.UtcNow < end)
        {
            Thread.Sleep(50);
            left = Processes(jobs);
        }

        violations.AddRange(left.Select(process => $"all jobs have ended, and {process} runs on"));
    }

    /// <summary>A stop is said again every 5 s, and a node whose link was cut may need as long to come back.</summary>
    private static TimeSpan LingerMax => TimeSpan.FromSeconds(15);

    private static string Part(string text, int at) => text.Substring(at, Math.Min(40, text.Length - at));
}
