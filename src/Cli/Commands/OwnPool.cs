using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Roles;
using AkkaCompute.ComputeNode.Hosting;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Cli.Commands;

/// <summary>A home that runs its own Lighthouse.</summary>
internal static class OwnPool
{
    /// <param name="name">Null for the name it had, else the host's.</param>
    /// <param name="user">Null for who it was, else the user of this computer.</param>
    /// <param name="journal">Null for where it was, else a file in the home.</param>
    /// <param name="newKey">Make a lost key anew.</param>
    /// <returns>False when it ran already.</returns>
    public static async Task<bool> StartLighthouseAsync(Home home, string? name, string? user, int? port, bool noBeacon, string? journal, CancellationToken cancel, bool newKey = false)
    {
        var before = PoolClient.LoadMembership(home);
        if (before is not null && await RunningRoles.IsLighthouseUpAsync(home, cancel))
        {
            Notes.Chat("the Lighthouse runs already");
            return false;
        }

        user ??= before?.User ?? Machine.UserName();
        List<string> options = ["--name", name ?? before?.PoolName ?? Machine.HostName(), "--user", user];
        port ??= LastPort(home); // friends know the pool by it
        if (port is not null)
        {
            options.AddRange(["--port", $"{port}"]);
        }

        if (noBeacon)
        {
            options.Add("--no-beacon");
        }

        if (newKey)
        {
            options.Add("--new-key");
        }

        var ready = (await RoleProcess.StartAsync(home, RoleProcess.Lighthouse, options, cancel, journal)).Lighthouse!;
        new Membership(ready.PoolId, ready.PoolName, ready.Urls, ready.CertificatePin, user, UserToken: "", IsOwn: true, before?.Node).Save(home);
        return true;
    }

    private static int? LastPort(Home home)
    {
        var file = Path.Combine(home.LighthouseFolder, "port");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), out var port) && port is > 0 and <= 65535 ? port : null;
    }

    public static async Task<NodeReady> StartNodeAsync(Home home, PoolClient pool, Machine machine, CancellationToken cancel)
    {
        var membership = pool.Membership;
        var token = membership.Node?.Token ?? JoinProof.NewToken();
        var name = machine.Name ?? membership.Node?.Name ?? Machine.HostName();
        var local = await pool.PostAsync(
            Routes.Nodes, new LocalNodeRequest(name, JoinProof.Verifier(token)), ProtocolJson.Default.LocalNodeRequest, ProtocolJson.Default.LocalNodeReply, cancel);
        var node = machine.Over(membership.Node, local.NodeId, local.NodeName, token);
        if (node != membership.Node && membership.Node is not null && await RunningRoles.NodeAsync(home, cancel) is not null)
        {
            Notes.Say("your node runs already and keeps what it lends; 'akc down' and 'akc up' change that");
        }

        (membership with { Node = node }).Save(home);
        return await Lending.StartAsync(home, anew: false, cancel);
    }
}
