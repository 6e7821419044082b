using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

internal sealed class KillCommand : DocumentedCommand
{
    private readonly Argument<string> _job = JobArgument.New();
    private readonly Option<bool> _json = Opt.Json();

    public KillCommand()
        : base("kill", "Cancel a job of yours.")
    {
        Arguments.Add(_job);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "JOB";

    public override IReadOnlyList<string> Details =>
    [
        "What runs of it is killed, the rest does not start. The pool's owner may cancel any job.",
    ];

    public override IReadOnlyList<string> Examples => ["akc kill k3v9x2mqpd"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var pool = PoolClient.Open(Home.Find());
        var id = JobArgument.Checked(parsed.GetValue(_job));
        var job = await pool.PostAsync(Routes.Cancel(id), ProtocolJson.Default.JobView, cancel);
        Streams.WriteLine(parsed.GetValue(_json)
            ? JsonSerializer.Serialize(job, ProtocolJson.Default.JobView)
            : job.State == "cancelled" ? $"job {id} is cancelled" : $"job {id} had {job.State} before");
        return ExitCodes.Done;
    }
}
