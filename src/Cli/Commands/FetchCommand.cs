using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Run;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

/// <param name="Files">Paths of all result files, whether they were there already or not.</param>
internal sealed record FetchView(string Job, IReadOnlyList<string> Files);

internal sealed class FetchCommand : DocumentedCommand
{
    private readonly Argument<string> _job = JobArgument.New();
    private readonly Argument<string?> _folder = new("DIR") { Arity = ArgumentArity.ZeroOrOne, Description = "where to (default: ./results/JOB)" };
    private readonly Option<bool> _force = Opt.Flag("--force", "overwrite files that are there and differ");
    private readonly Option<bool> _json = Opt.Json();

    public FetchCommand()
        : base("fetch", "Bring a job's result files here.")
    {
        Arguments.Add(_job);
        Arguments.Add(_folder);
        Options.Add(_force);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "JOB [DIR]";

    public override IReadOnlyList<string> Details =>
    [
        "Of several tasks each has a folder of its own, by its index. Files that are here and the same are left alone.",
    ];

    public override IReadOnlyList<string> Examples => ["# into ./results/k3v9x2mqpd", "akc fetch k3v9x2mqpd", "akc fetch k3v9x2mqpd models --force"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var interrupts = new Interrupts(cancel);
        if (parsed.GetValue(_folder) is { } named)
        {
            ResultFiles.CheckFolder(named, "DIR");
        }

        using var pool = PoolClient.Open(Home.Find());
        var id = JobArgument.Checked(parsed.GetValue(_job));
        var job = await pool.GetAsync(Routes.Job(id), ProtocolJson.Default.JobView, interrupts.Token);
        var folder = parsed.GetValue(_folder) ?? ResultFiles.DefaultFolder(id);
        var files = await ResultFiles.FetchAsync(pool, job, folder, parsed.GetValue(_force), interrupts.Token);
        if (parsed.GetValue(_json))
        {
            Streams.WriteLine(JsonSerializer.Serialize(new FetchView(id, files), CliJson.Default.FetchView));
            return ExitCodes.Done;
        }

        foreach (var file in files)
        {
            Streams.WriteLine(file);
        }

        if (files.Count == 0)
        {
            Notes.Say(job.HasEnded ? "there are no files to fetch" : "no task of the job has ended with files yet");
        }

        return ExitCodes.Done;
    }
}
