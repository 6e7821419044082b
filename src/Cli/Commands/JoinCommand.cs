using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.ComputeNode.Hosting;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Commands;

/// <param name="Connected">Of a node: the Lighthouse has welcomed it. Without a node null, as what follows.</param>
internal sealed record JoinView(string Pool, string User, IReadOnlyList<string> Urls, string? Node, Resources? Lent, string? Sandbox, bool? Connected);

internal sealed class JoinCommand : DocumentedCommand
{
    private readonly Argument<string?> _target = new("CODE|URL") { Arity = ArgumentArity.ZeroOrOne, Description = "six words of 'akc invite', or where the Lighthouse is; '-' reads the code from stdin" };
    private readonly Option<string?> _code = Opt.Text("--code", "CODE", "the code, beside an address; '-' reads it from stdin");
    private readonly MachineOptions _machine = new();
    private readonly Option<string?> _user = MachineOptions.User();
    private readonly Option<bool> _foreground = Opt.Flag("--foreground", "stay, and leave the pool at Ctrl-C");
    private readonly Option<bool> _json = Opt.Json();

    public JoinCommand()
        : base("join", "Lend this machine to a friend's pool.")
    {
        Arguments.Add(_target);
        Options.Add(_code);
        _machine.AddTo(this);
        Options.Add(_user);
        Options.Add(_foreground);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "[CODE|URL] [OPTIONS]";

    public override IReadOnlyList<string> Details =>
    [
        "Without an argument: finds Lighthouses on the LAN and asks for the code; a home that has joined before comes back.",
        "The code may also stand in AKC_CODE.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "# on the friend's own network",
        "akc join harbor-violet-anchor-maple-comet-tunnel",
        "# anywhere else: by the Lighthouse's address",
        "akc join https://raj.example.org:7420 --code harbor-violet-anchor-maple-comet-tunnel",
        "# lend two cores under another name",
        "akc join harbor-violet-anchor-maple-comet-tunnel --name mikes-desktop --cores 2",
    ];

    public static async Task<int> JoinAsync(
        Home home, JoinTarget target, string? user, Machine machine, bool foreground, bool json, CancellationToken cancel)
    {
        machine = await Lending.CheckSandboxAsync(home, machine, before: null, cancel); // trust in one pool's guests is not for another's
        var membership = await Joining.JoinAsync(home, target, user, machine, cancel);
        return await StartAsync(home, membership, $"joined {membership.PoolName}'s pool as {membership.User}", anew: true, foreground, json, cancel);
    }

    /// <summary>A home that has joined before comes back without a code.</summary>
    public static async Task<int> StartNodeAsync(Home home, Membership before, Machine machine, bool foreground, bool json, CancellationToken cancel)
    {
        if (before.Node is not { } node)
        {
            throw new AkcException(
                $"this home submits to {before.PoolName}'s pool and lends nothing: 'akc join CODE' lends this machine, AKC_HOME=DIR akc up starts a pool of your own",
                ExitCodes.Conflict);
        }

        if (machine.Name is not null && machine.Name != node.Name)
        {
            throw new AkcException($"this machine is {node.Name} in {before.PoolName}'s pool: another name needs a new join, akc join CODE --name {machine.Name}", ExitCodes.Usage);
        }

        machine = await Lending.CheckSandboxAsync(home, machine, node, cancel);
        var membership = before with { Node = machine.Over(node, node.Id, node.Name, node.Token) };
        membership.Save(home);
        return await StartAsync(home, membership, $"back in {membership.PoolName}'s pool as {membership.User}", anew: membership.Node != node, foreground, json, cancel);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var home = Home.Find();
        var target = JoinTarget.Parse(parsed.GetValue(_target), parsed.GetValue(_code));
        var (foreground, json) = (parsed.GetValue(_foreground), parsed.GetValue(_json));
        var machine = _machine.Read(parsed);
        return target is { Url: null, Code: null } && Settings.Find("code") is null && PoolClient.LoadMembership(home) is { IsOwn: false, Node: not null } before
            ? await StartNodeAsync(home, before, machine, foreground, json, cancel)
            : await JoinAsync(home, target, parsed.GetValue(_user), machine, foreground, json, cancel);
    }

    private static async Task<int> StartAsync(Home home, Membership membership, string done, bool anew, bool foreground, bool json, CancellationToken cancel)
    {
        var node = await Lending.StartAsync(home, anew, cancel);
        if (json)
        {
            var view = new JoinView(membership.PoolName, membership.User, membership.Urls, node.Node, node.Lent, node.Sandbox, node.Connected);
            Streams.WriteLine(JsonSerializer.Serialize(view, CliJson.Default.JoinView));
        }
        else
        {
            Streams.WriteLine($"{done}; your node {node.Node} lends {Lending.Describe(node.Lent)}{Caution(node)}");
        }

        if (!node.Connected)
        {
            Notes.Say($"it is not connected yet and goes on trying{(node.Why is null ? "" : ": " + node.Why)}");
        }

        return foreground ? await Foreground.StayAsync(home, cancel) : ExitCodes.Done;
    }

    private static string Caution(NodeReady node) =>
        node.Sandbox == ComputeNode.Sandbox.SandboxChoice.Unsandboxed ? ", without a sandbox" : "";
}
