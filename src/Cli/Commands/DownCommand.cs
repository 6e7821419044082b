using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Roles;
using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

/// <summary>What was stopped.</summary>
internal sealed record DownView(bool Node, bool Lighthouse);

internal sealed class DownCommand : DocumentedCommand
{
    private readonly Option<bool> _json = Opt.Json();

    public DownCommand()
        : base("down", "Take this machine back: stop what this home runs.")
    {
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "";

    public override IReadOnlyList<string> Details =>
    [
        "The node's running tasks are handed back to the pool first. Done within 3 s, without a question.",
    ];

    public override IReadOnlyList<string> Examples => ["akc down"];

    public static async Task<DownView> StopAsync(Home home, CancellationToken cancel)
    {
        var deadline = new StopDeadline();
        var node = await RunningRoles.StopNodeAsync(home, deadline, cancel); // first: its goodbye reaches the Lighthouse
        var lighthouse = await RunningRoles.StopLighthouseAsync(home, deadline, cancel);
        DeleteWork(home);
        return new DownView(node, lighthouse);
    }

    /// <summary>A node that was killed leaves its tasks' files behind.</summary>
    private static void DeleteWork(Home home)
    {
        if (!WorkFolder.Delete(home.WorkFolder))
        {
            Notes.Say($"{home.WorkFolder} could not be deleted whole");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var stopped = await StopAsync(Home.Find(), cancel);
        if (parsed.GetValue(_json))
        {
            Streams.WriteLine(JsonSerializer.Serialize(stopped, CliJson.Default.DownView));
        }
        else
        {
            Streams.WriteLine(stopped switch
            {
                { Node: true, Lighthouse: true } => "the node and the Lighthouse are down",
                { Node: true } => "the node is down",
                { Lighthouse: true } => "the Lighthouse is down",
                _ => "nothing of this home runs",
            });
        }

        return ExitCodes.Done;
    }
}
