using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Screen;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

internal sealed class PsCommand : DocumentedCommand
{
    private readonly Option<bool> _all = Opt.Flag("--all", "ended jobs too", "-a");
    private readonly Option<int?> _limit = Opt.Count("--limit", "how many of the newest (default: all there are)");
    private readonly Option<bool> _json = Opt.Json();

    public PsCommand()
        : base("ps", "List the jobs that run or wait, the newest first.")
    {
        Options.Add(_all);
        Options.Add(_limit);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "[--all] [--limit N]";

    public override IReadOnlyList<string> Details =>
    [
        "Jobs come a page at a time, so that a long list begins at once. On a terminal, one that is longer than the screen is shown in $PAGER,",
        "or in less; PAGER=cat shows it plainly.",
    ];

    public override IReadOnlyList<string> Examples => ["akc ps", "# ended ones too", "akc ps --all", "# ids of those that failed", "akc ps --all --json | jq -r '.[] | select(.state == \"failed\") | .id'"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var pool = PoolClient.Open(Home.Find());
        var pages = JobPages.ReadAsync(pool, parsed.GetValue(_all), parsed.GetValue(_limit) ?? int.MaxValue, cancel);
        await (parsed.GetValue(_json) ? PrintJsonAsync(pages) : PrintAsync(pages, Pager.Start, cancel));
        return ExitCodes.Done;
    }

    internal static async Task PrintAsync(IAsyncEnumerable<IReadOnlyList<JobView>> pages, Func<Pager?> startPager, CancellationToken cancel)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var whenLeft = Task.CompletedTask;
        var table = NewTable();
        Pager? pager = null;
        var hasBegun = false;
        try
        {
            await foreach (var page in pages.WithCancellation(reading.Token))
            {
                if (!hasBegun && page.Count >= Terminal.Size().Height - 1)
                {
                    pager = startPager();
                    whenLeft = pager is null ? whenLeft : EndAsync(reading, pager.Left);
                }

                hasBegun = true;
                Print(table, page);
            }

            if (!hasBegun)
            {
                table.Print();
            }
        }
        catch (Exception e) when (pager is not null && (e is OutputClosedException || (e is OperationCanceledException && !cancel.IsCancellationRequested)))
        {
            // the person has seen enough
        }
        finally
        {
            if (pager is not null)
            {
                await pager.DisposeAsync();
            }

            await whenLeft;
        }
    }

    /// <summary>Nobody waits for a page that nobody reads.</summary>
    private static async Task EndAsync(CancellationTokenSource reading, Task left)
    {
        await left;
        await reading.CancelAsync();
    }

    /// <summary>One array, of which no more than a page is in memory.</summary>
    internal static async Task PrintJsonAsync(IAsyncEnumerable<IReadOnlyList<JobView>> pages)
    {
        var before = "["u8.ToArray();
        await foreach (var page in pages)
        {
            using var bytes = new MemoryStream();
            foreach (var job in page)
            {
                bytes.Write(before);
                JsonSerializer.Serialize(bytes, job, ProtocolJson.Default.JobView);
                before = ","u8.ToArray();
            }

            Streams.Write(1, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        }

        Streams.Write(1, before is [(byte)'['] ? "[]\n"u8 : "]\n"u8);
    }

    internal static void Print(IReadOnlyList<JobView> jobs) => Print(NewTable(), jobs);

    private static Table NewTable() => new("JOB", "OWNER", "STATE", "TASKS", "AGE", "NODES", "COMMAND");

    private static void Print(Table table, IReadOnlyList<JobView> jobs)
    {
        foreach (var job in jobs)
        {
            table.Add(
                job.Id, job.Owner, State(job), Words.Done(job),
                Words.Time(DateTimeOffset.UtcNow - job.SubmittedAt), string.Join(",", job.Nodes), Words.Line(job.Command));
        }

        table.Print();
    }

    private static string State(JobView job) => job is { State: "failed", ExitCode: { } code } ? $"failed ({code})" : job.State;
}
