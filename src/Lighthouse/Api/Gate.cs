using System.Net.Http.Headers;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Protocol.Api;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>
/// Stands after routing and before every endpoint, unknown routes included: without a token there is one answer for everything.
/// </summary>
internal sealed class Gate(Members members, Member owner)
{
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var access = context.GetEndpoint()?.Metadata.GetMetadata<AccessMark>()?.Access ?? Access.Person;
        if (access == Access.Anyone)
        {
            await next(context);
            return;
        }

        if (Identify(context) is not { } caller)
        {
            await context.RefuseAsync(ProblemCodes.Unauthorized, "this needs a token of the pool: join it with a code (akc join, akc connect)");
            return;
        }

        if (Complaint(caller, access) is { } complaint)
        {
            await context.RefuseAsync(ProblemCodes.Forbidden, complaint);
            return;
        }

        context.Features.Set(caller);
        await next(context);
        if (!context.Response.HasStarted && context.Response.StatusCode is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed)
        {
            await context.RefuseAsync(ProblemCodes.NotFound, $"there is no {context.Request.Method} of {context.Request.Path} here");
        }
    }

    private Caller? Identify(HttpContext context)
    {
        var values = context.Request.Headers.Authorization;
        if (values.Count == 0)
        {
            return context.Features.Get<HomeSocket>() is null ? null : new Caller(owner, IsHome: true);
        }

        return values.Count == 1
            && AuthenticationHeaderValue.TryParse(values[0], out var header)
            && string.Equals(header.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase)
            && header.Parameter is { } token
            && members.Find(token) is { } member
                ? new Caller(member, IsHome: false)
                : null;
    }

    private static string? Complaint(Caller caller, Access access) => access switch
    {
        Access.Node => caller.IsNode ? null : "this is for nodes; a person's token does not reach it",
        Access.PersonOrNode => null,
        Access.FriendOrNode when caller.IsNode => null,
        _ when caller.IsNode => "a node's token does not reach this",
        Access.Person => null,
        Access.Friend or Access.FriendOrNode => caller.Member.Role >= Role.Friend ? null : "viewers look, they don't submit: ask the pool's owner",
        Access.Owner => caller.IsOwner ? null : "only the pool's owner may do this",
        Access.Home => caller.IsHome ? null : "this works only in the home that runs the Lighthouse",
        _ => "not allowed",
    };
}

/// <summary>On every endpoint.</summary>
internal sealed record AccessMark(Access Access);
