using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

internal sealed class WhyCommand : DocumentedCommand
{
    private readonly Argument<string> _job = JobArgument.New();
    private readonly Option<bool> _json = Opt.Json();

    public WhyCommand()
        : base("why", "Say what a job waits for and what would change that.")
    {
        Arguments.Add(_job);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "JOB";

    public override IReadOnlyList<string> Examples => ["akc why k3v9x2mqpd"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var pool = PoolClient.Open(Home.Find());
        var id = JobArgument.Checked(parsed.GetValue(_job));
        var why = await pool.GetAsync(Routes.Why(id), ProtocolJson.Default.WhyView, cancel);
        if (parsed.GetValue(_json))
        {
            Streams.WriteLine(JsonSerializer.Serialize(why, ProtocolJson.Default.WhyView));
            return ExitCodes.Done;
        }

        Print(why, why.WaitsFor is null ? await pool.GetAsync(Routes.Job(id), ProtocolJson.Default.JobView, cancel) : null);
        return ExitCodes.Done;
    }

    /// <param name="job">Of one that does not wait.</param>
    internal static void Print(WhyView why, JobView? job)
    {
        var id = why.JobId;
        if (job is null)
        {
            Streams.WriteLine($"job {id} waits: {why.WaitsFor}");
        }
        else
        {
            var where = job.Nodes.Count > 0 ? " on " + string.Join(", ", job.Nodes) : "";
            Streams.WriteLine($"job {id} does not wait: {job.State}{where}{(job.Reason is null ? "" : ": " + job.Reason)}");
        }

        if (why is { QueuePosition: { } position, WaitsFor: not null })
        {
            Streams.WriteLine($"  place in the queue: {position}");
        }

        foreach (var node in why.Nodes)
        {
            IEnumerable<string> lacks = why.WaitsFor is null ? [] : node.Lacks.Count == 0 ? ["has all that it needs"] : node.Lacks;
            var all = node.Misses.Count == 0 ? lacks : lacks.Append($"no {string.Join(", ", node.Misses)} (preferred)");
            if (all.Any())
            {
                Streams.WriteLine($"  {node.Name}: {string.Join("; ", all)}");
            }
        }

        foreach (var help in why.WouldHelp)
        {
            Streams.WriteLine($"  would help: {help}");
        }
    }
}
