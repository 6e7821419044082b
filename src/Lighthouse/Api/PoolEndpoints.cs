using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>The pool itself, its codes and its nodes.</summary>
/// <param name="describe">The pool as it is now, for the person of that name.</param>
internal sealed class PoolEndpoints(PoolParts pool, Invites invites, Members members, Func<string, PoolView> describe, Action shutdown)
{
    public static Task HealthAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync("ok", context.RequestAborted);
    }

    public Task GetAsync(HttpContext context) =>
        context.AnswerAsync(describe(Caller.Of(context).Member.Name), ProtocolJson.Default.PoolView);

    public async Task InviteAsync(HttpContext context)
    {
        var request = context.Request.ContentLength == 0
            ? new InviteRequest()
            : await context.ReadAsync(ProtocolJson.Default.InviteRequest);
        if (request is null)
        {
            return;
        }

        var (code, expires, refusal) = await invites.CreateAsync(request, context.RequestAborted);
        await (refusal is null
            ? context.AnswerAsync(
                new InviteView(code!, describe("").Urls, expires), ProtocolJson.Default.InviteView, StatusCodes.Status201Created)
            : context.RefuseAsync(refusal));
    }

    public async Task NodesAsync(HttpContext context)
    {
        var nodes = await pool.Machines.ReadFleetAsync(fleet => fleet.Nodes(), context.RequestAborted);
        var names = new Dictionary<string, JobView?>();
        foreach (var id in nodes.SelectMany(node => node.Jobs).Select(job => job.Id).Distinct())
        {
            names[id] = await pool.Views.JobAsync(id, context.RequestAborted);
        }

        await context.AnswerAsync(
            [
                .. nodes.Select(node => node with
                {
                    Address = pool.Machines.SessionOf(node.Id)?.RemoteAddress ?? "",
                    Jobs = [.. node.Jobs.Select(job => names[job.Id] is { } view ? job with { Name = view.Name, Owner = view.Owner } : job)],
                }),
            ],
            ProtocolJson.Default.ListNodeView);
    }

    public async Task TakeLocalNodeAsync(HttpContext context)
    {
        if (await context.ReadAsync(ProtocolJson.Default.LocalNodeRequest) is not { } request)
        {
            return;
        }

        if (MemberName.Complaint(request.Name, "--name") is { } complaint)
        {
            await context.RefuseAsync(ProblemCodes.BadRequest, complaint);
            return;
        }

        if (!Digest.IsValid(request.Verifier))
        {
            await context.RefuseAsync(ProblemCodes.BadRequest, "verifier: the lower-case hex SHA-256 of the node's token");
            return;
        }

        var (node, refusal) = await members.TakeLocalNodeAsync(request.Name, request.Verifier, Caller.Of(context).Member);
        await (refusal is null
            ? context.AnswerAsync(new LocalNodeReply(node!.Id, node.Name), ProtocolJson.Default.LocalNodeReply)
            : context.RefuseAsync(refusal));
    }

    public Task ShutdownAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.OnCompleted(() =>
        {
            shutdown();
            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }
}
