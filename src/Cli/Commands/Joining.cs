using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Roles;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Cli.Commands;

/// <summary>How a home comes to belong to a friend's pool: the same for <c>join</c> and <c>connect</c>.</summary>
internal static class Joining
{
    /// <summary>Proves the code and keeps what came of it. Without a <paramref name="machine"/> nothing is lent.</summary>
    /// <exception cref="AkcException">It did not come to a join; nothing was kept.</exception>
    public static async Task<Membership> JoinAsync(Home home, JoinTarget target, string? user, Machine? machine, CancellationToken cancel)
    {
        var before = PoolClient.LoadMembership(home);
        if (before is { IsOwn: true } && await RunningRoles.IsLighthouseUpAsync(home, cancel))
        {
            throw new AkcException(
                $"this home runs a pool of its own, {before.PoolName}: 'akc down' first, or join from another home (AKC_HOME=DIR akc join ...)", ExitCodes.Conflict);
        }

        var code = JoinTarget.Checked(Prompt.Code(target.Code));
        var friend = before is { IsOwn: false } ? before : null;
        var name = machine is null ? null : machine.Name ?? friend?.Node?.Name ?? Machine.HostName();
        var tokens = friend is null ? null : new JoinTokens(friend.PoolId, friend.UserToken, friend.Node?.Token);
        var joined = await TryAsync(
            await target.AddressesAsync(cancel),
            url => JoinClient.JoinAsync(url, code, user ?? friend?.User ?? Machine.UserName(), name, cancel, tokens));
        var node = machine is null || joined.NodeId is null
            ? (friend?.PoolId == joined.PoolId ? friend.Node : null)
            : machine.Over(friend?.PoolId == joined.PoolId ? friend.Node : null, joined.NodeId, joined.NodeName!, joined.NodeToken!);
        var membership = new Membership(joined.PoolId, joined.PoolName, joined.Urls, joined.CertificatePin, joined.User, joined.UserToken, IsOwn: false, node);
        membership.Save(home);
        if (before is { IsOwn: true })
        {
            Notes.Say($"your own pool {before.PoolName} stays on disk: delete {home.MembershipFile} and 'akc up' returns to it");
        }

        return membership;
    }

    /// <summary>A code belongs to one pool: where several are heard, the others refuse it.</summary>
    private static async Task<JoinResult> TryAsync(IReadOnlyList<Uri> addresses, Func<Uri, Task<JoinResult>> join)
    {
        JoinException? refusal = null;
        foreach (var url in addresses)
        {
            try
            {
                return await join(url);
            }
            catch (JoinException e)
            {
                refusal = e;
            }
        }

        throw new AkcException(refusal!.Message, Refusals.ExitCode(refusal.ProblemCode), refusal);
    }
}
