using System.CommandLine;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Watch;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

internal sealed class LogsCommand : DocumentedCommand
{
    private readonly Argument<string> _job = JobArgument.New();
    private readonly Option<bool> _follow = Opt.Flag("--follow", "go on until the job ends", "-f");
    private readonly Option<bool> _json = Opt.Flag("--json", "one JSON object a line: task, attempt, segment, stream, text");

    public LogsCommand()
        : base("logs", "Print what a job's tasks wrote, stdout and stderr apart.")
    {
        Arguments.Add(_job);
        Options.Add(_follow);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "JOB [-f]";

    public override IReadOnlyList<string> Details =>
    [
        $"When the Lighthouse does not answer, or waits for its journal, it ends with 3 after {JobStream.GiveUpAfter.TotalSeconds:0} s; with -f it waits.",
        "Of a job that has ended: exactly the output of the attempts that count, whole tasks by their index. Of one that runs: so far.",
    ];

    public override IReadOnlyList<string> Examples => ["akc logs k3v9x2mqpd", "# as it comes, until the end", "akc logs k3v9x2mqpd -f"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var interrupts = new Interrupts(cancel);
        using var pool = PoolClient.Open(Home.Find());
        var id = JobArgument.Checked(parsed.GetValue(_job));
        var job = await pool.GetAsync(Routes.Job(id), ProtocolJson.Default.JobView, interrupts.Token);
        if (PartsHint(job) is { } hint)
        {
            Notes.Say(hint);
        }

        var follow = parsed.GetValue(_follow);
        IJobSink sink = parsed.GetValue(_json) ? new JsonPrinter() : Printing.For(job);

        // What has ended is printed in order; what runs, as far as it is.
        var ordered = job.HasEnded || (!job.IsSingle && !Streams.IsTerminal(1));
        var isWatched = follow && !job.HasEnded;
        await using var watch = JobWatch.Over(sink, job, ordered, quiet: !isWatched || parsed.GetValue(_json));
        await new JobStream(pool, id, ordered, isWatched, watch).ReadAsync(interrupts.Token);
        return ExitCodes.Done;
    }

    /// <summary>An order whose last task has not begun has printed nothing, though its parts may have.</summary>
    internal static string? PartsHint(JobView job) =>
        job is { Combines: { } parts, State: "queued" } ? $"job {job.Id} begins when its parts have ended: 'akc logs {parts}' prints what they do" : null;
}
