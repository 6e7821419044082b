using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

internal sealed class RetryCommand : DocumentedCommand
{
    private readonly Argument<string> _job = JobArgument.New();
    private readonly Option<bool> _json = Opt.Json();

    public RetryCommand()
        : base("retry", "Run again what failed of a job that has ended.")
    {
        Arguments.Add(_job);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "JOB";

    public override IReadOnlyList<string> Details =>
    [
        "The job goes on under its id with the tasks that failed, were cancelled or never ran; what has succeeded stays. Its command and files",
        "are those of the submit. 'logs' and 'fetch' then show the whole job. Only its owner and the pool's may.",
    ];

    public override IReadOnlyList<string> Examples => ["akc retry k3v9x2mqpd", "# and wait for it", "akc logs k3v9x2mqpd -f && akc fetch k3v9x2mqpd"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var pool = PoolClient.Open(Home.Find());
        var id = JobArgument.Checked(parsed.GetValue(_job));
        var reply = await pool.PostAsync(Routes.Retry(id), ProtocolJson.Default.RetryReply, cancel);
        Streams.WriteLine(parsed.GetValue(_json)
            ? JsonSerializer.Serialize(reply.Job, ProtocolJson.Default.JobView)
            : $"job {id} goes on: {reply.Tasks} of {Words.Count(reply.Job.Tasks, "task")} again");
        return ExitCodes.Done;
    }
}
