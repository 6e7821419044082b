using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Roles;
using AkkaCompute.ComputeNode.Hosting;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Commands;

/// <param name="Node">Null without a node, as <paramref name="Lent"/> is.</param>
internal sealed record UpView(string Pool, string? Code, IReadOnlyList<string> Urls, DateTimeOffset? Expires, string? Node, Resources? Lent, string? Sandbox);

internal sealed class UpCommand : DocumentedCommand
{
    /// <summary>A beacon comes every second.</summary>
    private static readonly TimeSpan ListenTime = TimeSpan.FromSeconds(1.5);

    private readonly MachineOptions _machine = new();
    private readonly Option<string?> _user = MachineOptions.User();
    private readonly Option<int?> _port = Opt.Count("--port", $"where the Lighthouse listens (default: the port of last time, else {Routes.DefaultPort}; 0: any that is free)", 0, 65535).From("port", 0, 65535);
    private readonly Option<string?> _journal = JournalOption.New(
        "keep the journal in PostgreSQL: postgres://USER@HOST/DATABASE (default: as last time, else a file in AKC_HOME)");
    private readonly Option<bool> _newKey = Opt.Flag("--new-key", "the pool's key is lost: make another; its nodes and friends have to join again");
    private readonly Option<bool> _noNode = Opt.Flag("--no-node", "a Lighthouse alone: lend nothing of this machine");
    private readonly Option<bool> _noBeacon = Opt.Flag("--no-beacon", "don't tell the LAN, and don't listen for other pools").From("no-beacon");
    private readonly Option<bool> _foreground = Opt.Flag("--foreground", "stay, and take everything down at Ctrl-C");
    private readonly Option<bool> _json = Opt.Json();

    public UpCommand()
        : base("up", "Start a pool on this machine and lend it, in the background.")
    {
        _machine.AddTo(this);
        foreach (var option in new Option[] { _user, _port, _journal, _newKey, _noNode, _noBeacon, _foreground, _json })
        {
            Options.Add(option);
        }

        SetAction(RunAsync);
    }

    public override string Synopsis => "[OPTIONS]";

    public override IReadOnlyList<string> Details =>
    [
        "A Lighthouse process and a node process; either survives the other. Prints the code that friends join with.",
        "In a home that has joined a friend's pool, its node is started again.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "# a pool of your own; prints the code that friends join with",
        "akc up",
        "# lend only half of an 8-core machine",
        "akc up --cores 4 --memory 8GiB",
        "# a Lighthouse that lends nothing, in a terminal of its own",
        "akc up --no-node --foreground",
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var home = Home.Find();
        var before = PoolClient.LoadMembership(home);
        var machine = _machine.Read(parsed);
        var asksForJournal = parsed.GetResult(_journal) is { Implicit: false };
        if (before is { IsOwn: false })
        {
            if (asksForJournal)
            {
                throw new AkcException($"this home has joined {before.PoolName}'s pool, whose journal is elsewhere: leave --journal out, or use another AKC_HOME", ExitCodes.Conflict);
            }

            return await JoinCommand.StartNodeAsync(home, before, machine, parsed.GetValue(_foreground), parsed.GetValue(_json), cancel);
        }

        var noBeacon = parsed.GetValue(_noBeacon);
        if (before is null && !noBeacon && await OtherPoolAsync(cancel) is { } friends)
        {
            return await JoinCommand.JoinAsync(home, friends, parsed.GetValue(_user), machine, parsed.GetValue(_foreground), parsed.GetValue(_json), cancel);
        }

        var withNode = !parsed.GetValue(_noNode);
        if (withNode)
        {
            machine = await Lending.CheckSandboxAsync(home, machine, before?.Node, cancel);
        }

        var nodeRan = await RunningRoles.NodeAsync(home, cancel) is not null;
        var started = await OwnPool.StartLighthouseAsync(home, machine.Name, parsed.GetValue(_user), parsed.GetValue(_port), noBeacon, parsed.GetValue(_journal), cancel, parsed.GetValue(_newKey));
        if (!started && asksForJournal)
        {
            Notes.Say("the Lighthouse runs already and keeps its journal; 'akc down' first to open another");
        }

        (UpView View, InviteView? Invite) up;
        try
        {
            up = await LendAsync(home, withNode ? machine : null, cancel);
        }
        catch when (started)
        {
            // Nothing half done; a node that ran before goes on with its tasks.
            await (nodeRan
                ? (Task)RunningRoles.StopLighthouseAsync(home, new StopDeadline(), CancellationToken.None)
                : DownCommand.StopAsync(home, CancellationToken.None));
            throw;
        }

        // A reader that wants no more (akc up | head -1) takes nothing down.
        Print(up.View, up.Invite, parsed.GetValue(_json));
        return parsed.GetValue(_foreground) ? await Foreground.StayAsync(home, cancel) : ExitCodes.Done;
    }

    /// <summary>The pool that is heard here, if whoever is at the terminal wants it.</summary>
    private static async Task<JoinTarget?> OtherPoolAsync(CancellationToken cancel)
    {
        if (await Beacons.HearAsync(ListenTime, null, cancel) is not [var heard, ..])
        {
            return null;
        }

        var name = Words.Line(heard.PoolName);
        if (!Prompt.CanAsk)
        {
            Notes.Say($"{name}'s pool is on this network too: this starts a pool of its own; 'akc down' and 'akc join CODE' change that");
            return null;
        }

        var code = Prompt.Ask($"join {name}'s pool? code, or Enter for your own:");
        return code.Length == 0 ? null : new JoinTarget(heard.Url, code);
    }

    /// <summary>The node and the code, at the same time: making a code takes half a second.</summary>
    private static async Task<(UpView View, InviteView? Invite)> LendAsync(Home home, Machine? machine, CancellationToken cancel)
    {
        using var pool = PoolClient.Open(home);
        var inviting = InviteAsync(pool, cancel);
        var node = machine is null ? null : await OwnPool.StartNodeAsync(home, pool, machine, cancel);
        var invite = await inviting;
        return (new UpView(pool.Membership.PoolName, invite?.Code, invite?.Urls ?? [], invite?.Expires, node?.Node, node?.Lent, node?.Sandbox), invite);
    }

    /// <summary>Null when so many codes are valid that there is no new one: the pool is up all the same.</summary>
    private static async Task<InviteView?> InviteAsync(PoolClient pool, CancellationToken cancel)
    {
        try
        {
            return await pool.PostAsync(Routes.Invites, new InviteRequest(), ProtocolJson.Default.InviteRequest, ProtocolJson.Default.InviteView, cancel);
        }
        catch (AkcException e) when (e.ExitCode == ExitCodes.Conflict)
        {
            Notes.Say($"no new code: {e.Message}");
            return null;
        }
    }

    private static void Print(UpView view, InviteView? invite, bool json)
    {
        if (json)
        {
            Streams.WriteLine(JsonSerializer.Serialize(view, CliJson.Default.UpView));
            return;
        }

        Streams.WriteLine($"pool {view.Pool} is up{(view.Lent is { } lent ? $"; your node {view.Node} lends {Lending.Describe(lent)}{Caution(view)}" : "")}");
        if (invite is not null)
        {
            Invitation.Print(invite);
        }
    }

    private static string Caution(UpView view) =>
        view.Sandbox == ComputeNode.Sandbox.SandboxChoice.Unsandboxed ? ", without a sandbox" : "";
}
