using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

internal sealed class PsCommand : DocumentedCommand
{
    private readonly Option<bool> _all = Opt.Flag("--all", "ended jobs too", "-a");
    private readonly Option<int?> _limit = Opt.Count("--limit", "how many of the latest (default: 100)", 1, 10_000);
    private readonly Option<bool> _json = Opt.Json();

    public PsCommand()
        : base("ps", "List the jobs that run or wait.")
    {
        Options.Add(_all);
        Options.Add(_limit);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "[--all]";

    public override IReadOnlyList<string> Examples => ["akc ps", "# ended ones too", "akc ps --all"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var pool = PoolClient.Open(Home.Find());
        var path = $"{Routes.Jobs}?all={(parsed.GetValue(_all) ? "true" : "false")}&limit={parsed.GetValue(_limit) ?? 100}";
        var jobs = await pool.GetAsync(path, ProtocolJson.Default.ListJobView, cancel);
        if (parsed.GetValue(_json))
        {
            Streams.WriteLine(JsonSerializer.Serialize(jobs, ProtocolJson.Default.ListJobView));
            return ExitCodes.Done;
        }

        Print(jobs);
        return ExitCodes.Done;
    }

    internal static void Print(IReadOnlyList<JobView> jobs)
    {
        var table = new Table("JOB", "OWNER", "STATE", "TASKS", "AGE", "NODES", "COMMAND");
        foreach (var job in jobs)
        {
            table.Add(
                job.Id, job.Owner, State(job), job.IsSingle ? "1" : $"{job.ItemsDone ?? job.Succeeded + job.Failed}/{job.Items ?? job.Tasks}",
                Words.Time((job.EndedAt ?? DateTimeOffset.UtcNow) - job.SubmittedAt), string.Join(",", job.Nodes), Words.Line(job.Command));
        }

        table.Print();
    }

    private static string State(JobView job) => job is { State: "failed", ExitCode: { } code } ? $"failed ({code})" : job.State;
}
