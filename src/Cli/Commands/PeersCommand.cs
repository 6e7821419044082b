using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Commands;

internal sealed class PeersCommand : DocumentedCommand
{
    private const int LabelLengthMax = 400;

    private readonly Argument<string?> _node = new("NODE") { Description = "this one alone, with its labels: what --need can ask for", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _json = Opt.Json();

    public PeersCommand()
        : base("peers", "List the pool's nodes, what is free there and what runs.")
    {
        Arguments.Add(_node);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "[--json] [NODE]";

    public override IReadOnlyList<string> Examples => ["akc peers", "# what is installed on mike's", "akc peers mike", "# names of the idle ones", "akc peers --json | jq -r '.[] | select(.status == \"idle\") | .name'"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var pool = PoolClient.Open(Home.Find());
        var nodes = Chosen(await pool.GetAsync(Routes.Nodes, ProtocolJson.Default.ListNodeView, cancel), parsed.GetValue(_node));
        if (parsed.GetValue(_json))
        {
            Streams.WriteLine(JsonSerializer.Serialize(nodes, ProtocolJson.Default.ListNodeView));
            return ExitCodes.Done;
        }

        if (nodes.Count == 0)
        {
            Notes.Say("nobody lends a machine yet: 'akc join CODE' on a friend's machine does ('akc invite' prints a code)");
            return ExitCodes.Done;
        }

        Print(nodes);
        if (parsed.GetValue(_node) is not null)
        {
            PrintLabels(nodes[0]);
        }

        return ExitCodes.Done;
    }

    /// <exception cref="AkcException">There is none of that name.</exception>
    internal static List<NodeView> Chosen(List<NodeView> nodes, string? name) =>
        name is null ? nodes
        : nodes.Find(node => node.Name == name) is { } one ? [one]
        : throw new AkcException($"no node is called {Protocol.Blobs.TreePath.Printable(name)}: 'akc peers' lists them", ExitCodes.NotFound);

    internal static void PrintLabels(NodeView node)
    {
        Streams.WriteLine("labels:");
        Streams.WriteLines(node.Labels.Append(new(LabelNeed.Disk, Words.Bytes(node.DiskFreeBytes) + " free"))
            .Select(label => "  " + Words.Line(string.IsNullOrEmpty(label.Value) ? label.Key : $"{label.Key}={label.Value}", LabelLengthMax)));
    }

    internal static void Print(IReadOnlyList<NodeView> nodes)
    {
        var table = new Table("NAME", "ADDRESS", "CPU", "RAM", "GPU", "STATUS", "RUNS");
        foreach (var node in nodes)
        {
            var gone = node.Status == "offline";
            table.Add(
                node.Name, node.Address, gone ? $"{node.Cores}" : $"{node.CoresFree}/{node.Cores} free, {node.Cpu:P0}",
                gone ? Words.Bytes(node.MemoryBytes) : $"{Words.Bytes(node.MemoryFreeBytes)} of {Words.Bytes(node.MemoryBytes)}",
                Gpus(node), Status(node), string.Join(", ", node.Jobs.Select(job => $"{Words.Line(job.Name, 30)} ({job.Owner})")));
        }

        table.Print();
        foreach (var node in nodes)
        {
            if (node.RestsUntil is { } until)
            {
                Notes.Say($"{Words.Line(node.Name)} gets no tasks until {Words.Until(until, DateTimeOffset.UtcNow)}: some failed there that succeeded elsewhere");
            }
        }
    }

    private static string Status(NodeView node) =>
        (node.Status == "offline" ? $"offline, seen {Words.Time(DateTimeOffset.UtcNow - node.LastSeen)} ago" : node.Status)
        + (node.Sandbox == SandboxChoice.Unsandboxed ? ", unsandboxed" : "");

    private static string Gpus(NodeView node) =>
        node.Gpus == 0 ? "-" : $"{node.GpusFree}/{node.Gpus} {string.Join(", ", node.GpuNames.Distinct())}".TrimEnd();
}
