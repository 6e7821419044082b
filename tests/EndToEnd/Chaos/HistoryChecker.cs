using AkkaCompute.Protocol.Api;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>A job that the pool has acknowledged, and what it must come to.</summary>
/// <param name="RetriesMax">As submitted.</param>
internal sealed record AcknowledgedJob(string Id, TaskScript Script, int TaskCount, int RetriesMax);

/// <summary>
/// Holds what the pool says of its jobs against what their attempts wrote while they ran. It knows nothing of how the pool works, only
/// what is promised.
/// </summary>
internal sealed partial class HistoryChecker(History history)
{
    private readonly List<string> violations = [];

    /// <summary>Whether a task may end with the word that the Lighthouse could not keep what it made.</summary>
    public bool MayNotBeStored { get; init; }

    /// <summary>Whether a fault may be the reason that nobody heard the end of the attempt that began with this mark.</summary>
    public Func<Mark, bool> MayBeLost { get; init; } = _ => true;

    /// <summary>What is broken, one line each; empty when all promises are kept. All jobs must have ended, or they are named here.</summary>
    public IReadOnlyList<string> Check(IReadOnlyList<AcknowledgedJob> acknowledged, IReadOnlyList<ToldJob> told)
    {
        violations.Clear();
        foreach (var job in acknowledged)
        {
            var found = told.Where(t => t.View.Id == job.Id).ToList();
            if (found is not [var one])
            {
                violations.Add($"job {job.Id}: acknowledged, and {(found.Count == 0 ? "lost" : "there more than once")}");
            }
            else if (!one.View.HasEnded)
            {
                violations.Add($"job {job.Id}: has not ended ({one.View.State}, {one.View.Running} running, {one.View.Queued} queued: {one.View.Reason})");
            }
            else
            {
                CheckJob(job, one);
            }
        }

        var known = acknowledged.Select(j => j.Id).ToHashSet();
        violations.AddRange(told.Where(t => !known.Contains(t.View.Id)).Select(t => $"job {t.View.Id}: nobody submitted it, or one submit became two jobs"));
        CheckStarts(acknowledged.ToDictionary(j => j.Id));
        return [.. violations];
    }

    private void CheckJob(AcknowledgedJob job, ToldJob told)
    {
        var (view, tasks) = (told.View, told.Tasks);
        if (!tasks.Select(t => t.Index).SequenceEqual(Enumerable.Range(0, job.TaskCount)))
        {
            violations.Add($"job {job.Id}: has {tasks.Count} tasks of {job.TaskCount}, or one twice");
        }

        if (view.Succeeded + view.Failed != job.TaskCount || view.Succeeded != tasks.Count(t => t.State == "succeeded"))
        {
            violations.Add($"job {job.Id}: counts {view.Succeeded} succeeded and {view.Failed} failed of {job.TaskCount}");
        }

        var (state, exitCode) = EndOf(tasks);
        if (view.State != state || view.ExitCode != exitCode)
        {
            violations.Add($"job {job.Id}: is {view.State} with exit code {view.ExitCode}, though by its tasks it is {state} with {exitCode}");
        }

        foreach (var task in tasks.Where(t => !IsToldAsNotStored(t)))
        {
            CheckResult(job, task, [.. history.Of(job.Id, task.Index, task.Attempt)]);
            CheckOutput(job, task, told.Outputs.GetValueOrDefault(task.Index, []));
            CheckFiles(job, task, told.Files.GetValueOrDefault(task.Index));
        }
    }

    /// <summary>A job is what its tasks are; its exit code is its one task's, or 1 where some of several failed.</summary>
    private static (string State, int ExitCode) EndOf(IReadOnlyList<TaskView> tasks) =>
        tasks.All(t => t.State == "succeeded") ? ("succeeded", 0)
        : ("failed", tasks is [{ ExitCode: { } code and not 0 }] ? code : 1);

    /// <summary>Told as what it is; nothing of it counts as done.</summary>
    private bool IsToldAsNotStored(TaskView task) =>
        MayNotBeStored && task is { State: "failed", Cause: "notStored" } && task.Detail?.Contains("disk", StringComparison.Ordinal) == true;

    /// <summary>No attempt starts twice; a task is tried again for a reason, and no more often than was asked for.</summary>
    private void CheckStarts(Dictionary<string, AcknowledgedJob> jobs)
    {
        foreach (var twice in history.Starts.GroupBy(m => (m.Job, m.Task, m.Attempt)).Where(g => g.Count() > 1))
        {
            violations.Add($"job {twice.Key.Job} task {twice.Key.Task}: attempt {twice.Key.Attempt} was started {twice.Count()} times: {string.Join("; ", twice)}");
        }

        foreach (var attempts in history.Starts.GroupBy(m => (m.Job, m.Task)).Where(g => jobs.ContainsKey(g.Key.Job)))
        {
            var heard = attempts.OrderBy(m => m.Attempt).Where(m => !MayBeLost(m)).ToList();
            violations.AddRange(heard
                .Where(m => !Failed(m) && attempts.Any(later => later.Attempt > m.Attempt))
                .Select(m => $"ran again, though nothing happened to it: {m}; {string.Join("; ", attempts.Where(later => later.Attempt > m.Attempt))}"));
            var retriesMax = jobs[attempts.Key.Job].RetriesMax;
            if (heard.Where(Failed).Skip(retriesMax).FirstOrDefault() is { } last && attempts.Any(m => m.Attempt > last.Attempt))
            {
                violations.Add($"job {last.Job} task {last.Task}: was tried again after it had failed {retriesMax + 1} times, and may be only {retriesMax} times");
            }
        }
    }

    private bool Failed(Mark start) => history.Of(start.Job, start.Task, start.Attempt).Any(IsFailure);

    private static bool IsFailure(Mark mark) => mark.ExitCode is not null and not 0;
}
