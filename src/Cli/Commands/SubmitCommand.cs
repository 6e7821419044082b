using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.JobFiles;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Run;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

/// <summary>What <c>submit --check --json</c> prints.</summary>
internal sealed record JobFileView(string File, IReadOnlyList<JobFileError> Errors);

internal sealed class SubmitCommand : DocumentedCommand, IFollowsJob
{
    private readonly Argument<string> _file = new("FILE") { Description = "a job file in YAML; - is stdin" };
    private readonly Option<bool> _check = Opt.Flag("--check", "say all that is wrong with it, and submit nothing");
    private readonly Option<string?> _results = Opt.Text("--results", "DIR", "put result files into DIR (default: what the file says, else ./results/JOB)");
    private readonly Option<bool> _force = Opt.Flag("--force", "overwrite files in DIR that differ");
    private readonly Option<bool> _detach = Opt.Flag("--detach", "print the job's id and return; 'akc logs' and 'akc fetch' come later", "-d");
    private readonly Option<bool> _quiet = Opt.Flag("--quiet", "don't show how far a job of several tasks is", "-q");
    private readonly Option<bool> _json = Opt.Flag("--json", "with --detach or --check: print JSON");

    public SubmitCommand()
        : base("submit", "Run a job that a file describes.")
    {
        Arguments.Add(_file);
        Options.Add(_check);
        Options.Add(_results);
        Options.Add(_force);
        Options.Add(_detach);
        Options.Add(_json);
        Options.Add(_quiet);
        SetAction(RunAsync);
    }

    public override string Synopsis => "FILE [OPTIONS]";

    public override IReadOnlyList<string> Details =>
    [
        "The keys of the file are 'command', and the options of 'run', 'array', 'map' and 'render' by their names. Its paths are relative to it.",
        "All that is wrong with it is said at once, by line and column, and ends with 2. Otherwise it goes on and ends as 'run' does.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "# job.yaml:  command: train.py --epochs 10",
        "#            file: [data.csv]",
        "#            memory: 8GiB",
        "akc submit job.yaml",
        "# what is wrong with it?",
        "akc submit --check job.yaml",
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var (check, detach) = (parsed.GetValue(_check), parsed.GetValue(_detach));
        if (check && detach)
        {
            throw new AkcException("--check submits nothing: leave --detach out, or --check", ExitCodes.Usage);
        }

        if (parsed.GetValue(_json) && !check && !detach)
        {
            throw new AkcException("--json is of --detach and --check: what the tasks print is theirs", ExitCodes.Usage);
        }

        using var interrupts = new Interrupts(cancel);
        var file = await JobFile.ReadAsync(parsed.GetValue(_file)!, interrupts.Token);
        var here = Environment.CurrentDirectory;
        var home = Home.Find(); // before the folder changes: it may be relative
        Environment.CurrentDirectory = Path.GetFullPath(file.Folder); // its paths are relative to it, as if 'run' were typed there
        var errors = new JobFileErrors();
        var read = await file.OrderAsync(errors, interrupts.Token);
        if (check || read is null || errors.Count > 0)
        {
            return Report(file.Name, errors, parsed.GetValue(_json) && check);
        }

        var (order, then) = read.Value;
        using var pool = PoolClient.Open(home);
        var job = await JobSubmit.SendAsync(pool, order, interrupts.Token);
        var results = parsed.GetValue(_results) ?? (then.Results is { } named ? Path.GetFullPath(named) : null);
        Environment.CurrentDirectory = here;
        return await JobRun.AfterSubmitAsync(
            pool, job, order, new AfterSubmit(detach, parsed.GetValue(_json), results, then.Force || parsed.GetValue(_force), parsed.GetValue(_quiet)), interrupts.Token);
    }

    private static int Report(string name, JobFileErrors errors, bool isJson)
    {
        if (isJson)
        {
            Streams.WriteLine(JsonSerializer.Serialize(new JobFileView(name, errors.All), CliJson.Default.JobFileView));
            return errors.Count > 0 ? ExitCodes.Usage : ExitCodes.Done;
        }

        foreach (var error in errors.All)
        {
            Notes.Plain(error.Line == 0 ? $"{name}: {error.Message}" : $"{name}:{error.Line}:{error.Column}: {error.Message}");
        }

        if (errors.Count == 0)
        {
            Streams.WriteLine($"{name}: nothing is wrong");
            return ExitCodes.Done;
        }

        Notes.Error($"{name} has {Words.Count(errors.Count, "error")}{(errors.Count > JobFileErrors.Max ? $", of which these are the first {JobFileErrors.Max}" : "")}: nothing was submitted");
        return ExitCodes.Usage;
    }
}
