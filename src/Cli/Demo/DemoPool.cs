using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Roles;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Demo;

/// <summary>A Lighthouse and three nodes as processes of their own on this computer, each in its own home; gone at the end.</summary>
internal sealed class DemoPool : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> Names = ["raj", "mike", "sara"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("akc-demo-");

    private DemoPool()
    {
    }

    /// <summary>As raj, whose Lighthouse it is.</summary>
    public PoolClient Client { get; private set; } = null!;

    public static async Task<DemoPool> StartAsync(Action<string> say, CancellationToken cancel)
    {
        var pool = new DemoPool();
        try
        {
            await pool.StartAllAsync(say, cancel);
            return pool;
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL: no goodbye.</summary>
    public void Kill(string name)
    {
        using var process = PidFile.Read(HomeOf(name), RoleProcess.Node);
        process?.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await Task.WhenAll(Names.Select(name => DownCommand.StopAsync(HomeOf(name), CancellationToken.None)));
        _folder.Delete(recursive: true);
    }

    private Home HomeOf(string name) => new(Path.Combine(_folder.FullName, name));

    private async Task StartAllAsync(Action<string> say, CancellationToken cancel)
    {
        var raj = HomeOf(Names[0]);
        await OwnPool.StartLighthouseAsync(raj, "demo", Names[0], port: 0, noBeacon: true, journal: null, cancel);
        Client = PoolClient.Open(raj);
        say($"a Lighthouse is up at {Client.Membership.Urls[^1]}");
        var invite = await Client.PostAsync(Routes.Invites, new InviteRequest(), ProtocolJson.Default.InviteRequest, ProtocolJson.Default.InviteView, cancel);
        var target = new JoinTarget(new Uri(invite.Urls[^1]), invite.Code);
        await Task.WhenAll(Names.Select(name => StartNodeAsync(name, target, cancel)));
        say($"three nodes have joined with the code {invite.Code}: {string.Join(", ", Names)}, one core each");
    }

    private async Task StartNodeAsync(string name, JoinTarget target, CancellationToken cancel)
    {
        var machine = new Machine(name, Cores: 1, MemoryBytes: null, Gpus: 0, Sandbox: null, TrustGuests: true); // the tasks are akc's own
        if (name == Names[0])
        {
            await OwnPool.StartNodeAsync(HomeOf(name), Client, machine, cancel);
        }
        else
        {
            await Joining.JoinAsync(HomeOf(name), target, name, machine, cancel);
            await Lending.StartAsync(HomeOf(name), anew: false, cancel);
        }
    }
}
