using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Screen;
using AkkaCompute.Cli.Top;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

/// <summary>What <c>top --json</c> prints.</summary>
internal sealed record TopListView(string Pool, IReadOnlyList<NodeView> Nodes, IReadOnlyList<JobView> Jobs);

internal sealed class TopCommand : DocumentedCommand
{
    private readonly Option<bool> _once = Opt.Flag("--once", "print it once, as it is now (default where the output is no terminal)");
    private readonly Option<bool> _json = Opt.Json();

    public TopCommand()
        : base("top", "Watch the pool live: nodes, what they lend, who runs what, and the jobs.")
    {
        Options.Add(_once);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "[--once]";

    public override IReadOnlyList<string> Details =>
    [
        "CPU is all that the machine does; the other bars are what the pool has taken of what is lent.",
        "Keys: q or Ctrl-C leave; / filters (Enter keeps it, Esc clears it); Tab goes from the nodes to the jobs and back; arrows, j, k, PgUp,",
        "PgDn, Home and End move in the list. Sort by n name, o owner, s state, c CPU, m memory, g GPU, a age, d done; again turns it round.",
    ];

    public override IReadOnlyList<string> Examples => ["akc top", "# into a script", "akc top --once | head -20"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var interrupts = new Interrupts(cancel);
        using var pool = PoolClient.Open(Home.Find());
        var feed = new TopFeed(pool);
        if (parsed.GetValue(_json))
        {
            var data = await feed.AskAsync(interrupts.Token);
            Streams.WriteLine(JsonSerializer.Serialize(new TopListView(data.Pool, data.Nodes, data.Jobs), CliJson.Default.TopListView));
        }
        else if (parsed.GetValue(_once) || !Streams.IsTerminal(1) || Console.IsInputRedirected || !Terminal.TakesOrders(1))
        {
            var width = Streams.IsTerminal(1) ? Terminal.Size().Width : int.MaxValue;
            Streams.WriteLines(TopView.Plain(await feed.AskAsync(interrupts.Token), width, DateTimeOffset.UtcNow).Select(line => line.Text));
        }
        else
        {
            await new TopScreen(feed).RunAsync(interrupts.Token);
        }

        return ExitCodes.Done;
    }
}
