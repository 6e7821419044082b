using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Lighthouse.Api;

// From a request to jobs on disk.
internal sealed partial class JobEndpoints
{
    public async Task SubmitAsync(HttpContext context)
    {
        if (await context.ReadAsync(ProtocolJson.Default.SubmitRequest) is not { } request)
        {
            return;
        }

        var errors = SubmitCheck.Errors(request);
        string[] own = request.Combine?.Template?.InputsDigest is { } of ? [of] : [];
        foreach (var tree in errors.Count == 0 ? request.Template.Trees.Union(own) : [])
        {
            if (await SubmitCheck.InputsComplaintAsync(tree, request.Template.Items, pool.Blobs, context.RequestAborted) is { } complaint)
            {
                errors.Add(complaint);
            }
        }

        if (errors.Count > 0)
        {
            await context.RefuseAsync(ProblemCodes.BadRequest, string.Join("; ", errors));
            return;
        }

        foreach (var before in request.After ?? [])
        {
            if (await pool.Machines.ReadJobAsync(before, job => job.View(), context.RequestAborted) is null)
            {
                await context.RefuseAsync(NotFound(before));
                return;
            }
        }

        if (await TakeAsync(context, Submission.JobsOf(request, Caller.Of(context).Member.Name)) is not [var first, ..] jobs)
        {
            return;
        }

        await context.AnswerAsync(
            new SubmitReply(jobs[^1].View, await WhyItWaitsAsync(first, context.RequestAborted)), ProtocolJson.Default.SubmitReply, StatusCodes.Status201Created);
    }

    /// <summary>All of them or, where one person has too many, none. What a crash leaves of them is made whole when the request is sent again.</summary>
    /// <returns>Null when they were refused: then the answer has been given.</returns>
    private async Task<IReadOnlyList<Submitted>?> TakeAsync(HttpContext context, IReadOnlyList<(string Id, JobSpec Spec, byte[]? TemplateBlob)> jobs)
    {
        var reserved = new List<string>();
        try
        {
            foreach (var (id, spec, _) in jobs)
            {
                if (unfinished.Add(id, spec.Owner, out var isNew) is { } tooMany)
                {
                    await context.RefuseAsync(ProblemCodes.LimitReached, tooMany);
                    return null;
                }

                if (isNew)
                {
                    reserved.Add(id);
                }
            }

            var taken = new List<Submitted>();
            foreach (var (id, spec, templateBlob) in jobs)
            {
                if (await SubmitAsync(context, id, spec, templateBlob) is not { } job)
                {
                    return null;
                }

                taken.Add(job);
                reserved.Remove(id);
                if (job.View.HasEnded)
                {
                    unfinished.Ended(id);
                }
            }

            return taken;
        }
        finally
        {
            reserved.ForEach(unfinished.Ended);
        }
    }

    /// <returns>Null when it was refused: then the answer has been given.</returns>
    private async Task<Submitted?> SubmitAsync(HttpContext context, string id, JobSpec spec, byte[]? templateBlob)
    {
        if (templateBlob is not null && !await StoreAsync(context, spec.TemplateDigest!, templateBlob))
        {
            return null;
        }

        await AskAsync<JobAccepted>(context, id, reply => new SubmitJob(spec, reply));
        if (await pool.Machines.ReadJobAsync(id, Submitted.Of, context.RequestAborted) is not { } job)
        {
            throw new TimeoutException();
        }

        if (!Submission.AreSame(job.Spec!, spec))
        {
            await context.RefuseAsync(ProblemCodes.Conflict, "this request id made another job: submit with another one");
            return null;
        }

        return job;
    }

    /// <summary>Only where no node has room for it now: the answer to most submits says nothing.</summary>
    private async Task<WhyView?> WhyItWaitsAsync(Submitted job, CancellationToken cancel)
    {
        if (job.View.State != "queued" || job.Demand is null)
        {
            return null;
        }

        // The Fleet has its demand, and places with the end of the turn that sees it: what is read after that one is settled.
        for (var turns = 0; turns < PlacingTurnsMax && !await pool.Machines.ReadFleetAsync(fleet => fleet.HasPlaced, cancel); turns++)
        {
        }

        var why = await ExplainAsync(job, cancel);
        return why.WaitsFor is null || why.Nodes.Any(node => node.Fits) ? null : why;
    }

    private async Task<bool> StoreAsync(HttpContext context, string digest, byte[] bytes)
    {
        try
        {
            if (!pool.Blobs.Has(digest))
            {
                await pool.Blobs.PutAsync(digest, new MemoryStream(bytes, writable: false), context.RequestAborted);
            }

            return true;
        }
        catch (IOException e)
        {
            await context.RefuseAsync(ProblemCodes.DiskFull, $"the Lighthouse can't store the job's command: {e.Message}");
            return false;
        }
    }
}
