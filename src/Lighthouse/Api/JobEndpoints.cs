using System.Globalization;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>Jobs: submit, look, end.</summary>
internal sealed partial class JobEndpoints(PoolParts pool, UnfinishedJobs unfinished)
{
    private const int JobsDefault = 100;
    private const int JobsMax = 10_000;
    private const int TasksDefault = 1000;
    private const int TasksMax = 10_000;

    /// <summary>In a pool where something changes all the time the answer to a submit does not wait for a moment without.</summary>
    private const int PlacingTurnsMax = 8;

    /// <summary>A machine answers in milliseconds; a journal on a disk that hangs does not.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    public async Task ListAsync(HttpContext context)
    {
        var all = string.Equals(context.Request.Query["all"], "true", StringComparison.OrdinalIgnoreCase);
        if (await NumberAsync(context, "limit", JobsDefault, 1, JobsMax) is not { } limit)
        {
            return;
        }

        var before = JobPlace.Newest;
        if ((string?)context.Request.Query["before"] is { } text)
        {
            if (JobPlace.Parse(text) is not { } place)
            {
                await context.RefuseAsync(ProblemCodes.BadRequest, "before: MILLISECONDS.ID of a job, the time of its submit since 1970");
                return;
            }

            before = place;
        }

        await context.AnswerAsync([.. await pool.Views.JobsAsync(all, limit, before, context.RequestAborted)], ProtocolJson.Default.ListJobView);
    }

    public async Task GetAsync(HttpContext context)
    {
        if (await JobAsync(context, job => job.View()) is { } view)
        {
            await context.AnswerAsync(view, ProtocolJson.Default.JobView);
        }
    }

    public async Task CancelAsync(HttpContext context)
    {
        if (await OwnJobAsync(context, "end it") is not { } view)
        {
            return;
        }

        var by = Caller.Of(context).Member.Name;
        await AskAsync<JobCancelReply>(context, view.Id, reply => new CancelJob(by, reply));
        if (view.Combines is { } parts)
        {
            await AskAsync<JobCancelReply>(context, parts, reply => new CancelJob(by, reply));
        }

        view = await pool.Machines.ReadJobAsync(view.Id, job => job.View(), context.RequestAborted) ?? view;
        await context.AnswerAsync(view, ProtocolJson.Default.JobView);
    }

    public async Task RetryAsync(HttpContext context)
    {
        if (await OwnJobAsync(context, "run it again") is not { } view)
        {
            return;
        }

        // The parts first: what combines them waits for them. If it is left at that, the same again goes on.
        if (view is { Combines: { } parts, State: "failed" or "cancelled" }
            && await pool.Machines.ReadJobAsync(parts, job => job.View(), context.RequestAborted) is { State: "failed" or "cancelled" } before
            && await RetryAsync(context, before) is null)
        {
            return;
        }

        if (await RetryAsync(context, view) is { } reply)
        {
            view = await pool.Machines.ReadJobAsync(view.Id, job => job.View(), context.RequestAborted) ?? view;
            await context.AnswerAsync(new RetryReply(view, reply.Tasks), ProtocolJson.Default.RetryReply);
        }
    }

    /// <returns>Null when it was refused: then the answer has been given.</returns>
    private async Task<JobRetryReply?> RetryAsync(HttpContext context, JobView view)
    {
        if (unfinished.Add(view.Id, view.Owner, out var isNew) is { } tooMany)
        {
            await context.RefuseAsync(ProblemCodes.LimitReached, tooMany);
            return null;
        }

        JobRetryReply? reply = null;
        try
        {
            reply = await AskAsync<JobRetryReply>(context, view.Id, to => new RetryJob(Caller.Of(context).Member.Name, to));
        }
        finally
        {
            if (reply is not { Refusal: null } && isNew)
            {
                unfinished.Ended(view.Id);
            }
        }

        if (reply.Refusal is { } refusal)
        {
            await context.RefuseAsync(ProblemCodes.Conflict, $"job {view.Id}: {refusal}");
            return null;
        }

        return reply;
    }

    public async Task WhyAsync(HttpContext context)
    {
        if (await JobAsync(context, Submitted.Of) is { } job)
        {
            var why = await ExplainAsync(job, context.RequestAborted);
            await context.AnswerAsync(why with { Failure = await FailureAsync(job, context.RequestAborted) }, ProtocolJson.Default.WhyView);
        }
    }

    /// <summary>Of its own tasks, or of the parts that it was to combine.</summary>
    private async Task<FailureView?> FailureAsync(Submitted job, CancellationToken cancel)
    {
        var (id, failed) = (job.View.Id, job.Failed);
        if (failed is null && job.View is { HasEnded: true, State: not "succeeded", Combines: { } parts })
        {
            (id, failed) = (parts, await pool.Machines.ReadJobAsync(parts, other => other.FirstFailed, cancel));
        }

        return failed is null ? null : await LastLines.OfAsync(pool, id, failed, cancel);
    }

    public async Task TaskWhyAsync(HttpContext context)
    {
        var text = (string)context.Request.RouteValues["task"]!;
        var task = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

        // The machine first, as for the list of tasks.
        if (await JobAsync(context, job => new AskedTask(Submitted.Of(job), job.Why(task))) is not { } asked)
        {
            return;
        }

        var (job, why) = asked;
        if (why is null && await pool.Views.ResultAsync(job.View.Id, task, context.RequestAborted) is { } result)
        {
            why = new TaskWhyView(job.View.Id, result, 0, []);
        }

        if (why is null)
        {
            await context.RefuseAsync(ProblemCodes.NotFound, $"job {job.View.Id} has no task {Protocol.Blobs.TreePath.Printable(text)}: its tasks are 0 to {job.View.Tasks - 1}{(job.Spec?.Items is { IsAuto: true } && !job.View.HasEnded ? " at most, and are made as it goes" : "")}");
            return;
        }

        if (why.Task.State == "queued")
        {
            var asIfNoneRan = job with { View = job.View with { State = "queued" }, Retry = null };
            why = why with { Why = await ExplainAsync(asIfNoneRan, context.RequestAborted, isOfTask: true) };
        }

        await context.AnswerAsync(why, ProtocolJson.Default.TaskWhyView);
    }

    public async Task TasksAsync(HttpContext context)
    {
        if (await NumberAsync(context, "first", 0, 0, JobSpec.TaskCountMax) is not { } first
            || await NumberAsync(context, "count", TasksDefault, 1, TasksMax) is not { } count)
        {
            return;
        }

        // The machine first: what it has committed meanwhile is in the views when they are asked.
        if (await JobAsync(context, job => Unfinished(job, first, count)) is not { } unfinished)
        {
            return;
        }

        var results = await pool.Views.ResultsAsync((string)context.Request.RouteValues["id"]!, first, count, context.RequestAborted);
        var tasks = new SortedDictionary<int, TaskView>(unfinished);
        foreach (var result in results.Where(r => r.Index < (long)first + count))
        {
            tasks[result.Index] = result;
        }

        await context.AnswerAsync([.. tasks.Values], ProtocolJson.Default.ListTaskView);
    }

    private static SortedDictionary<int, TaskView> Unfinished(Jobs.JobSupervisor job, int first, int count)
    {
        var tasks = new SortedDictionary<int, TaskView>();
        var end = Math.Min((long)first + count, job.View().Tasks);
        for (var i = first; i < end; i++)
        {
            if (job.Unfinished(i) is { } task)
            {
                tasks.Add(i, task);
            }
        }

        return tasks;
    }

    private async Task<WhyView> ExplainAsync(Submitted job, CancellationToken cancel, bool isOfTask = false)
    {
        var why = await pool.Machines.ReadFleetAsync(fleet => fleet.Explain(job.View, job.Retry?.Demand ?? job.Demand, isOfTask, job.Retry?.ToCome), cancel);
        var before = new List<JobView>();
        foreach (var id in job.Awaited)
        {
            if (await pool.Machines.ReadJobAsync(id, other => other.View(), cancel) is { } view)
            {
                before.Add(view);
            }
        }

        return before.Count == 0 ? why : WhyAfter.Of(why, before);
    }

    private Task<TReply> AskAsync<TReply>(HttpContext context, string jobId, Func<Address, Message> message)
        where TReply : Message => pool.Machines.AskAsync<TReply>(Address.Job(jobId), message, context.RequestAborted).WaitAsync(AnswerTime);

    /// <returns>Null when there is no such job, or it is somebody else's: then the answer has been given.</returns>
    private async Task<JobView?> OwnJobAsync(HttpContext context, string what)
    {
        if (await JobAsync(context, job => job.View()) is not { } view)
        {
            return null;
        }

        if (Caller.Of(context).MayEnd(view.Owner))
        {
            return view;
        }

        await context.RefuseAsync(ProblemCodes.Forbidden, $"job {view.Id} is {view.Owner}'s: only {view.Owner} and the pool's owner may {what}");
        return null;
    }

    /// <returns>Null when there is no such job: then the answer has been given.</returns>
    private async Task<T?> JobAsync<T>(HttpContext context, Func<Jobs.JobSupervisor, T> read)
        where T : class
    {
        var id = context.Request.RouteValues["id"] as string;
        if (Ids.IsValid(id) && await pool.Machines.ReadJobAsync(id!, read, context.RequestAborted) is { } found)
        {
            return found;
        }

        await context.RefuseAsync(NotFound(id));
        return null;
    }

    public static Problem NotFound(string? id) =>
        Problems.Of(ProblemCodes.NotFound, $"there is no job {Protocol.Blobs.TreePath.Printable(id)}: 'akc ps --all' lists them");

    private static async Task<int?> NumberAsync(HttpContext context, string name, int absent, int min, int max)
    {
        var text = (string?)context.Request.Query[name];
        if (text is null)
        {
            return absent;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        await context.RefuseAsync(ProblemCodes.BadRequest, $"{name}: {min} to {max}");
        return null;
    }

    private sealed record AskedTask(Submitted Job, TaskWhyView? Why);

    /// <param name="Demand">What it asks of the Fleet, or will once the jobs before it have ended.</param>
    private sealed record Submitted(JobView View, Demand? Demand, JobSpec? Spec, IReadOnlyList<string> Awaited)
    {
        /// <summary>Where all that is left of it failed and is to be tried again; else null.</summary>
        public (Fleet.RetryToCome ToCome, Demand Demand)? Retry { get; init; }

        /// <summary>Null while none has failed for good.</summary>
        public Jobs.FailedTask? Failed { get; init; }

        public static Submitted Of(Jobs.JobSupervisor job) =>
            new(job.View(), job.DemandToCome, job.Spec, [.. job.Awaited]) { Retry = job.RetryToCome, Failed = job.FirstFailed };
    }
}
