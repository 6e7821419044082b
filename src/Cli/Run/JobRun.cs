using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Watch;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Cli.Run;

/// <summary>What <c>--detach --json</c> prints.</summary>
internal sealed record JobIdView(string Id);

/// <summary>What follows a submit.</summary>
/// <param name="Detach">The id is printed, and that is all.</param>
/// <param name="Results">Null for a folder of the job's own.</param>
/// <param name="Quiet">How far the job is is not shown.</param>
internal sealed record AfterSubmit(bool Detach, bool Json, string? Results, bool Force, bool Quiet);

/// <summary>A job in front of who submitted it: output as it comes, result files at the end, cancelled at Ctrl-C.</summary>
internal sealed class JobRun(PoolClient pool, JobView job, RunOrder order) : IJobSink
{
    /// <summary>Where a traceback ends.</summary>
    private const int StderrTailBytes = 8 * 1024;

    private static readonly TimeSpan FetchTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan CancelTime = TimeSpan.FromSeconds(5);

    private readonly PipePrinter _printer = Printing.For(job);
    private byte[] _stderrTail = [];
    private TaskView? _failed;
    private string? _node;

    /// <returns>The exit code of <c>run</c>.</returns>
    public static async Task<int> AfterSubmitAsync(PoolClient pool, JobView job, RunOrder order, AfterSubmit then, CancellationToken cancel)
    {
        if (!then.Detach)
        {
            return await new JobRun(pool, job, order).FollowAsync(then.Results, then.Force, then.Quiet, cancel);
        }

        Streams.WriteLine(then.Json ? JsonSerializer.Serialize(new JobIdView(job.Id), CliJson.Default.JobIdView) : job.Id);
        return ExitCodes.Done;
    }

    /// <returns>The exit code of <c>run</c>.</returns>
    public async Task<int> FollowAsync(string? resultsFolder, bool force, bool quiet, CancellationToken cancel)
    {
        Notes.Chat($"job {job.Id} submitted{(job.Combines is { } parts ? $", its parts are job {parts}" : "")}");
        JobView? end = null;
        try
        {
            if (job.Combines is { } before)
            {
                await WatchPartsAsync(before, quiet, cancel);
            }

            var ordered = !job.IsSingle && !Streams.IsTerminal(1);
            await using (var watch = JobWatch.Over(this, job, ordered, quiet))
            {
                end = await new JobStream(pool, job.Id, ordered, follow: true, watch).ReadAsync(cancel);
            }

            await FinishAsync(end, resultsFolder, force, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await CancelAsync(end);
            return ExitCodes.Interrupted;
        }
        catch (OutputClosedException)
        {
            await CancelAsync(end);
            throw;
        }

        await ExplainAsync(end, cancel);
        return end.ExitCode ?? ExitCodes.RunFailed;
    }

    public void JobChanged(JobView view) => _printer.JobChanged(view);

    public void AttemptBegan(AttemptBegan attempt)
    {
        _node = attempt.Node;
        _stderrTail = [];
        _printer.AttemptBegan(attempt);
    }

    public void AttemptFailed(AttemptFailed attempt) => _printer.AttemptFailed(attempt);

    public void Output(SegmentFrame segment)
    {
        if (segment.Stream == 2)
        {
            byte[] whole = [.. _stderrTail, .. segment.Bytes.Span];
            _stderrTail = whole.Length <= StderrTailBytes ? whole : whole[^StderrTailBytes..];
        }

        _printer.Output(segment);
    }

    public void TaskDone(TaskView task)
    {
        _printer.TaskDone(task);
        if (task.State == "failed")
        {
            _failed ??= task;
        }
    }

    /// <summary>How far the parts are, until they have ended: what they print is theirs, and not asked for.</summary>
    private async Task WatchPartsAsync(string parts, bool quiet, CancellationToken cancel)
    {
        var view = await Retrying(() => pool.GetAsync(Routes.Job(parts), ProtocolJson.Default.JobView, cancel), cancel);
        await using var watch = JobWatch.Over(new Unprinted(), view, ordered: true, quiet);
        await new JobStream(pool, parts, ordered: false, follow: true, watch, skip: view.Tasks).ReadAsync(cancel);
    }

    /// <summary>Brings the results here. What is made of those of the parts needs them too, where a last task has results of its own.</summary>
    private async Task FinishAsync(JobView end, string? resultsFolder, bool force, CancellationToken cancel)
    {
        var (made, folder) = (end, resultsFolder ?? ResultFiles.DefaultFolder(end.Id));
        var files = await FetchAsync(end, folder, force, cancel);
        if (job.Combines is { } parts && order.Division.MakesFile)
        {
            made = await Retrying(() => pool.GetAsync(Routes.Job(parts), ProtocolJson.Default.JobView, cancel), cancel);
            folder = resultsFolder ?? ResultFiles.DefaultFolder(parts);
            files = await FetchAsync(made, folder, force, cancel);
        }

        if (job.Combines is null || order.Division.MakesFile)
        {
            await order.Division.FinishAsync(made, files, folder, cancel);
        }
    }

    private async Task<IReadOnlyList<string>> FetchAsync(JobView end, string folder, bool force, CancellationToken cancel)
    {
        var files = await Retrying(() => ResultFiles.FetchAsync(pool, end, folder, force, cancel), cancel);
        switch (files)
        {
            case []:
                break;
            case [var only]:
                Notes.Say($"saved: {only}");
                break;
            default:
                Notes.Say($"saved: {files.Count} files in {folder}");
                break;
        }

        return files;
    }

    /// <summary>A Lighthouse that restarts just now is back in seconds; one that stays away has the results still.</summary>
    private async Task<T> Retrying<T>(Func<Task<T>> ask, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (UnreachableException e)
            {
                if (Stopwatch.GetElapsedTime(started) > FetchTime)
                {
                    throw new UnreachableException($"the results are not here yet ('akc fetch {job.Id}' brings them): {e.Message}", e);
                }

                await Task.Delay(RetryPause, cancel);
            }
        }
    }

    /// <param name="end">Where it is known: there is nothing to cancel then.</param>
    private async Task CancelAsync(JobView? end)
    {
        if (end is not null)
        {
            SayEnded(end);
            return;
        }

        using var limit = new CancellationTokenSource(CancelTime);
        try
        {
            var now = await pool.PostAsync(Routes.Cancel(job.Id), ProtocolJson.Default.JobView, limit.Token);
            if (now.State == "cancelled")
            {
                Notes.Say($"job {job.Id} is cancelled");
            }
            else
            {
                SayEnded(now);
            }
        }
        catch (Exception e) when (e is AkcException or OperationCanceledException)
        {
            Notes.Say($"job {job.Id} could not be cancelled and goes on ('akc kill {job.Id}' ends it): {e.Message}");
        }
    }

    private static void SayEnded(JobView end) =>
        Notes.Say($"job {end.Id} {(end.State == "cancelled" ? "was cancelled" : $"had {end.State}")} before: 'akc fetch {end.Id}' brings the files that are not here");

    /// <summary>An exit code speaks for itself; any other end is told.</summary>
    private async Task ExplainAsync(JobView end, CancellationToken cancel)
    {
        if (end.State == "succeeded")
        {
            return;
        }

        if (job.IsSingle && _failed?.Cause == "exited" && end.State == "failed")
        {
            Notes.Chat($"job {job.Id} failed: {end.Reason ?? $"exit code {end.ExitCode}"}");
        }
        else
        {
            Notes.Say($"job {job.Id} {(end.State == "cancelled" ? "was cancelled" : "failed")}{(end.Reason is null ? "" : ": " + end.Reason)}");
        }

        try
        {
            var ofParts = await TellLastLinesAsync(end, cancel) is { } failure && failure.JobId != job.Id ? failure : null;
            _node = ofParts?.Node ?? _node;
            if ((ofParts is null ? order.Combine?.Command ?? order.Command : order.Command) is { IsPython: true, Script: { } script })
            {
                await HintAsync(ofParts is null ? Encoding.UTF8.GetString(_stderrTail) : string.Join('\n', ofParts.Lines), script, cancel);
            }
        }
        catch (AkcException)
        {
            // no more than the reason, but the task's own exit code all the same
        }
    }

    /// <summary>Of one task that is the job they stand just above; of several they may be far up, or were not shown.</summary>
    private async Task<FailureView?> TellLastLinesAsync(JobView end, CancellationToken cancel)
    {
        if ((job.IsSingle && job.Combines is null) || (end.State == "cancelled" && job.Combines is null))
        {
            return null;
        }

        var failure = (await pool.GetAsync(Routes.Why(job.Id), ProtocolJson.Default.WhyView, cancel)).Failure;
        if (failure is { Lines.Count: > 0 } && (failure.JobId != job.Id || !job.IsSingle))
        {
            Notes.Say($"last lines of {failure.Task} on {failure.Node}:");
            foreach (var line in failure.Lines)
            {
                Notes.Plain("    " + line);
            }
        }

        return failure;
    }

    private async Task HintAsync(string stderr, string script, CancellationToken cancel)
    {
        if (Hints.MissingSibling(stderr, script, order.Inputs) is { } sibling)
        {
            Notes.Say(sibling);
            return;
        }

        if (Hints.MissingModule(stderr) is not { } module)
        {
            return;
        }

        var label = ComputeNode.Hardware.PythonLabels.Prefix + module;
        var nodes = await pool.GetAsync(Routes.Nodes, ProtocolJson.Default.ListNodeView, cancel);
        var have = nodes.Where(node => node.Status != "offline" && node.Labels.ContainsKey(label)).Select(node => node.Name).ToList();
        Notes.Say(have.Count == 0
            ? $"no node that is here has the Python module {module}: install it on one, where the system's python3 finds it"
            : $"{_node} has no Python module {module}; {string.Join(", ", have)} has: add -n {have[0]}");
    }

    private sealed class Unprinted : IJobSink
    {
        public void JobChanged(JobView job)
        {
        }

        public void AttemptBegan(AttemptBegan attempt)
        {
        }

        public void Output(SegmentFrame segment)
        {
        }

        public void TaskDone(TaskView task)
        {
        }
    }
}
