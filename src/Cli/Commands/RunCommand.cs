using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Run;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Commands;

/// <summary>What <c>run --detach --json</c> prints.</summary>
internal sealed record JobIdView(string Id);

internal sealed class RunCommand : DocumentedCommand
{
    private readonly Argument<string[]> _words = new("SCRIPT|COMMAND [ARGS]") { Arity = ArgumentArity.OneOrMore, Description = "a script here, or a command of the node; every word after it is its own" };
    private readonly Option<string?> _node = Opt.Text("--node", "NODE", "run on this node and no other", "-n");
    private readonly Option<string[]> _files = Opt.Texts("--file", "FILE", "send a file or directory; FILE:NAME sends it under another name", "-f");
    private readonly Option<string?> _folder = Opt.Text("--dir", "DIR", "send what is in DIR: it is the work directory");
    private readonly Option<string[]> _out = Opt.Texts("--out", "GLOB", "send back only files that match (default: all that are new or changed)");
    private readonly Option<int?> _cores = Opt.Count("--cores", "cores a task needs (default: 1)", 1, 1024).From("run.cores", 1, 1024);
    private readonly Option<long?> _memory = Opt.Memory("--memory", "memory a task needs (default: the node's share for its cores)").From("run.memory");
    private readonly GpuOption _gpu = new();
    private readonly Option<string[]> _env = Opt.Texts("--env", "K=V|K", "set a variable for the task; K alone takes your own value");
    private readonly Option<double?> _timeout = Opt.Seconds("--timeout", "kill a task that runs longer (30s, 5m, 2h)").From("run.timeout");
    private readonly Option<int?> _retries = Opt.Count("--retries", "try a failed task again so many times (default: 0)", 0, 100).From("run.retries", 0, 100);
    private readonly Option<string?> _name = Opt.Text("--name", "NAME", "what the job is called in lists");
    private readonly Option<string?> _results = Opt.Text("--results", "DIR", "put result files into DIR (default: ./results/JOB)").From("run.results");
    private readonly Option<bool> _force = Opt.Flag("--force", "overwrite files in DIR that differ");
    private readonly Option<bool> _detach = Opt.Flag("--detach", "print the job's id and return; 'akc logs' and 'akc fetch' come later", "-d");
    private readonly Option<bool> _json = Opt.Flag("--json", "with --detach: print JSON instead of the id");

    public RunCommand()
        : base("run", "Run a script or a command on the pool: output as it comes, result files at the end.")
    {
        Arguments.Add(_words);
        foreach (var option in new Option[] { _node, _files, _folder, _out, _cores, _memory, _gpu, _env, _timeout, _retries, _name, _results, _force, _detach, _json })
        {
            Options.Add(option);
        }

        SetAction(RunAsync);
    }

    public override string Synopsis => "[OPTIONS] SCRIPT|COMMAND [ARGS]...";

    public override IReadOnlyList<string> Details =>
    [
        "The first word is a script if it is a file here, otherwise a command of the node. Every word after it is its own, options too.",
        "Ends with the task's exit code; 128+n for signal n, 124 timeout, 125 akc itself failed, 126 not executable, 127 not found,",
        "130 Ctrl-C (the job is cancelled).",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "# a command, wherever there is room",
        "akc run -- hostname",
        "# a script with its data; what it writes comes back to results/JOB",
        "akc run -f data.csv train.py --epochs 10",
        "# a whole project directory, on the node called mike, with 4 cores",
        "akc run --dir . -n mike --cores 4 main.py",
        "# leave it running",
        "akc run --detach --timeout 2h simulate.py",
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var interrupts = new Interrupts(cancel);
        var order = Read(parsed);
        using var pool = PoolClient.Open(Home.Find());
        var job = await JobSubmit.SendAsync(pool, order, interrupts.Token);
        if (parsed.GetValue(_detach))
        {
            Streams.WriteLine(parsed.GetValue(_json) ? JsonSerializer.Serialize(new JobIdView(job.Id), CliJson.Default.JobIdView) : job.Id);
            return ExitCodes.Done;
        }

        return await new JobRun(pool, job, order).FollowAsync(parsed.GetValue(_results), parsed.GetValue(_force), interrupts.Token);
    }

    /// <summary>All that can be wrong here is found before anything is sent.</summary>
    private RunOrder Read(ParseResult parsed)
    {
        var folder = parsed.GetValue(_folder);
        if (folder is "" || parsed.GetValue(_words) is ["", ..])
        {
            throw new AkcException($"{(folder is "" ? "--dir" : "the command")} is empty: an unset variable, perhaps", ExitCodes.Usage);
        }

        var command = TaskCommand.Choose(parsed.GetValue(_words)!, folder);
        var inputs = new InputFiles();
        if (folder is not null)
        {
            inputs.AddContent(folder);
        }

        if (command.Script is not null)
        {
            inputs.Add(command.Script, command.ScriptName!);
        }

        foreach (var file in parsed.GetValue(_files) ?? [])
        {
            inputs.AddArgument(file);
        }

        inputs.Check();
        var request = new ResourceRequest(parsed.GetValue(_cores) ?? 1, parsed.GetValue(_memory), parsed.GetValue(_gpu) ?? 0);
        return new RunOrder(
            parsed.GetValue(_words)!, command, inputs, request, parsed.GetValue(_node), Variables(parsed.GetValue(_env) ?? []), parsed.GetValue(_out) ?? [],
            parsed.GetValue(_timeout), parsed.GetValue(_retries) ?? 0, parsed.GetValue(_name));
    }

    private static SortedDictionary<string, string> Variables(IEnumerable<string> words)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? word : word[..equals];
            variables[name] = equals >= 0
                ? word[(equals + 1)..]
                : Environment.GetEnvironmentVariable(name) ?? throw new AkcException($"--env {name}: your environment has no {name}; write --env {name}=VALUE", ExitCodes.Usage);
        }

        return variables;
    }
}
