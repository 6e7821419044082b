using System.CommandLine;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.JobFiles;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Commands;

/// <summary>A command that ends as a job does: its own failures have a code that no task's is mixed up with.</summary>
internal interface IFollowsJob;

/// <summary>A command that submits a job and follows it. Each says what it runs and how that is divided; the rest is the same.</summary>
internal abstract class JobCommand : DocumentedCommand, IFollowsJob
{
    /// <summary>For complaints: the argument that says what the tasks run.</summary>
    public const string CommandWords = "command";

    /// <summary>Of a word that a complaint quotes.</summary>
    private const int ShownLengthMax = 100;

    private readonly Option<string[]> _node = Opt.Texts("--node", "NODE", "run on this node, or on one of these, and no other", JobSpec.NamedNodesMax, "-n", "--on");
    private readonly Option<string[]> _notOn = Opt.Texts("--not-on", "NODE", "run on any node but this", JobSpec.NamedNodesMax);
    private readonly Option<string[]> _need = Opt.Texts("--need", "LABEL", "run where this is: blender, python3>=3.10, gpu.memory>=8GiB, disk>=50GiB", SubmitCheck.LabelsMax);
    private readonly Option<string[]> _files = Opt.Texts("--file", "FILE", "send a file or directory; FILE:NAME sends it under another name", Opt.TimesMax, "-f");
    private readonly Option<string?> _folder = Opt.Text("--dir", "DIR", "send what is in DIR: it is the work directory");
    private readonly Option<string[]> _out = Opt.Texts("--out", "GLOB", "send back only files that match (default: all that are new or changed)", SubmitCheck.GlobsMax);
    private readonly Option<int?> _cores = Opt.Count("--cores", "cores a task needs (default: 1)", 1, 1024).From("run.cores", 1, 1024);
    private readonly Option<long?> _memory = Opt.Memory("--memory", "memory a task needs (default: the node's share for its cores)").From("run.memory");
    private readonly GpuOption _gpu = new();
    private readonly Option<string[]> _env = Opt.Pairs("--env", "K=V|K", "set a variable for the task; K alone takes your own value", Opt.TimesMax);
    private readonly Option<double?> _timeout = Opt.Seconds("--timeout", "kill a task that runs longer (30s, 5m, 2h)", TaskTemplate.TimeoutSecondsMax).From("run.timeout", TaskTemplate.TimeoutSecondsMax);
    private readonly Option<double?> _stall = Opt.Seconds("--stall", "kill a task that prints nothing for so long (30s, 5m, 2h)", TaskTemplate.TimeoutSecondsMax);
    private readonly Option<int?> _priority = Opt.Count("--priority", "of your own jobs the higher go first (default: 0); others' jobs are not touched", -JobSpec.PriorityMax, JobSpec.PriorityMax);
    private readonly Option<int?> _retries;
    private readonly Option<string?> _name = Opt.Name("--name", "NAME", "what the job is called in lists");
    private readonly Option<string?> _results = Opt.Text("--results", "DIR", "put result files into DIR (default: ./results/JOB)").From("run.results");
    private readonly Option<bool> _force = Opt.Flag("--force", "overwrite files in DIR that differ");
    private readonly Option<bool> _detach = Opt.Flag("--detach", "print the job's id and return; 'akc logs' and 'akc fetch' come later", "-d");
    private readonly Option<bool> _json = Opt.Flag("--json", "with --detach: print JSON instead of the id");
    private readonly Option<bool> _quiet = Opt.Flag("--quiet", "don't show how far a job of several tasks is", "-q");
    private readonly Option<bool> _keepGoing = Opt.Flag("--keep-going", "run the other tasks though one has failed (default: that ends the job)");
    private readonly Option<int?> _max = Opt.Count("--max", "tasks that may run at once (default: as many as there is room for)");
    private readonly Option<string?> _combine = Opt.Text("--combine", "COMMAND", "run this once all tasks have succeeded, on what they left in results/INDEX");
    private readonly Option<string[]> _after = Opt.Texts("--after", "JOB", "begin when that job has ended with success", JobSpec.AfterMax);
    private readonly int _retriesDefault;

    /// <param name="retries">How often a failed task is tried again where nothing else is said.</param>
    protected JobCommand(string name, string summary, int retries)
        : base(name, summary)
    {
        _retriesDefault = retries;
        _retries = Opt.Count("--retries", $"try a failed task again so many times (default: {retries})", 0, 100).From("run.retries", 0, 100);
        SetAction(RunAsync);
    }

    /// <summary>Words of its own before those of the command; null where <c>--</c> alone begins the command.</summary>
    public virtual int? WordsBeforeCommand => 0;

    /// <summary>For complaints: what says what the tasks run.</summary>
    protected virtual string CommandAbout => CommandWords;

    /// <summary>What the tasks run, as typed.</summary>
    protected abstract IReadOnlyList<string> CommandOf(ParseResult parsed);

    /// <summary>How the job is divided into tasks; all that can be wrong with that is found here.</summary>
    /// <returns>Null when there are complaints of it.</returns>
    protected abstract Task<Division?> DivideAsync(ParseResult parsed, IReadOnlyList<string> command, Complaints complaints, CancellationToken cancel);

    /// <summary>Of the commands that make several tasks.</summary>
    protected IReadOnlyList<Option> OfSeveral => [_keepGoing, _max, _combine];

    protected string? ResultsFolder(ParseResult parsed) => parsed.GetValue(_results);

    protected bool IsForced(ParseResult parsed) => parsed.GetValue(_force);

    protected bool IsDetached(ParseResult parsed) => parsed.GetValue(_detach);

    /// <summary>What the words run.</summary>
    /// <param name="division">Null when there are complaints of it.</param>
    /// <param name="folder">The work directory to be, or null.</param>
    protected virtual TaskCommand Choose(IReadOnlyList<string> words, Division? division, string? folder) =>
        division?.IsProgramOfItem(words[0]) == true ? TaskCommand.OfNode(words) : TaskCommand.Choose(words, folder);

    /// <summary>Items of a task, as <c>--chunk</c> says it.</summary>
    protected static int ChunkOf(Option<string?> option, ParseResult parsed, Complaints complaints)
    {
        var text = parsed.GetValue(option);
        if (text is null or "auto")
        {
            return JobItems.Auto;
        }

        var chunk = Opt.WholeNumber(text, 1, JobSpec.TaskCountMax);
        if (chunk is null)
        {
            complaints.Add(option.Name, $"{option.Name} is '{text}': write auto, or how many a task gets, from 1 on");
        }

        return chunk ?? JobItems.Auto;
    }

    /// <param name="own">What not all of these commands have.</param>
    protected void AddOptions(params Option[] own)
    {
        Option[] shared = [_node, _notOn, _need, _files, _folder, _out, _cores, _memory, _gpu, _env, _timeout, _stall, _retries, _priority, _name, _after, _results, _force, _detach, _json, _quiet];
        foreach (var option in own.Concat(shared))
        {
            Options.Add(option);
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var interrupts = new Interrupts(cancel);
        var complaints = new Complaints();
        var order = await ReadAsync(parsed, complaints, interrupts.Token);
        if (parsed.GetValue(_json) && !parsed.GetValue(_detach))
        {
            complaints.Add(_json.Name, "--json is of --detach: what the tasks print is theirs; 'akc logs JOB --json' has it as JSON");
        }

        complaints.ThrowFirst();
        using var pool = PoolClient.Open(Home.Find());
        var job = await JobSubmit.SendAsync(pool, order, interrupts.Token);
        return await JobRun.AfterSubmitAsync(pool, job, order, AfterSubmitOf(parsed), interrupts.Token);
    }

    /// <summary>What is to happen once the job is submitted.</summary>
    internal AfterSubmit AfterSubmitOf(ParseResult parsed) =>
        new(parsed.GetValue(_detach), parsed.GetValue(_json), parsed.GetValue(_results), parsed.GetValue(_force), parsed.GetValue(_quiet));

    /// <summary>All that can be wrong here is found before anything is sent.</summary>
    /// <returns>Good for nothing but further checks where there are complaints.</returns>
    internal async Task<RunOrder> ReadAsync(ParseResult parsed, Complaints complaints, CancellationToken cancel)
    {
        var folder = parsed.GetValue(_folder);
        var typed = CommandOf(parsed);
        if (typed is [] or ["", ..])
        {
            complaints.Add(CommandAbout, "the command is empty: an unset variable, perhaps");
        }

        if (folder is "")
        {
            complaints.Add(_folder.Name, "--dir is empty: an unset variable, perhaps");
            folder = null;
        }

        var division = await DivideAsync(parsed, typed, complaints, cancel);
        var words = division?.Completed(typed) ?? typed;
        var command = typed is [] or ["", ..] ? null : complaints.Try(CommandAbout, () => Choose(words, division, folder));
        command ??= TaskCommand.OfNode(["true"]); // nothing runs then
        var combine = Combine(parsed.GetValue(_combine), folder, complaints);
        var inputs = Inputs(parsed.GetValue(_files) ?? [], folder, command, combine, complaints);
        complaints.Try(division?.About, 0, () => division?.Check(inputs));
        var outGlobs = Named(_out, parsed, complaints, glob => TreePath.IsSafe(glob)
            ? null
            : $"'{TreePath.Printable(glob)}' can't be a pattern: it is relative to the work directory, without '..' and control signs");
        if (parsed.GetValue(_results) is { } results && !IsDetached(parsed))
        {
            complaints.Try(_results.Name, 0, () => ResultFiles.CheckFolder(results, _results.Name));
        }

        var variables = Variables(parsed.GetValue(_env) ?? [], complaints);
        var request = new ResourceRequest(parsed.GetValue(_cores) ?? 1, parsed.GetValue(_memory), parsed.GetValue(_gpu) ?? 0);
        return new RunOrder(
            words, command, inputs, request, variables, outGlobs,
            parsed.GetValue(_timeout), parsed.GetValue(_retries) ?? _retriesDefault, parsed.GetValue(_name))
        {
            Division = division ?? PlainTasks.One,
            KeepGoing = parsed.GetValue(_keepGoing),
            Max = parsed.GetValue(_max),
            Nodes = Named(_node, parsed, complaints, NodeComplaint),
            NotOn = Named(_notOn, parsed, complaints, NodeComplaint),
            Needs = Needs(parsed.GetValue(_need) ?? [], complaints),
            Priority = parsed.GetValue(_priority) ?? 0,
            StallSeconds = parsed.GetValue(_stall),
            Combine = combine,
            After = After(parsed.GetValue(_after) ?? [], complaints),
        };
    }

    /// <summary>One line, cut as a job file cuts a command.</summary>
    private CombineOrder? Combine(string? line, string? folder, Complaints complaints)
    {
        if (line is null)
        {
            return null;
        }

        var (words, complaint) = ShellWords.Split(line, "sh -c '...'");
        if (words is [] or ["", ..])
        {
            complaints.Add(_combine.Name, $"--combine: {complaint ?? "empty: say what to run"}");
            return null;
        }

        return complaints.Try(_combine.Name, () => new CombineOrder(words, TaskCommand.Choose(words, folder)));
    }

    /// <summary>Those values of the option that can be such names.</summary>
    /// <param name="complaint">What is wrong with one; null for nothing.</param>
    private static List<string> Named(Option<string[]> option, ParseResult parsed, Complaints complaints, Func<string, string?> complaint)
    {
        var names = new List<string>();
        string[] values = parsed.GetValue(option) ?? [];
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            complaints.Try(option.Name, i, () => names.Add(complaint(value) is { } wrong ? throw new AkcException($"{option.Name} {wrong}", ExitCodes.Usage) : value));
        }

        return names;
    }

    private static string? NodeComplaint(string name) =>
        MemberName.Complaint(name, "-n") is null ? null : $"'{Printable.Line(name, ShownLengthMax, '?')}' is no name that a node can have: 'akc peers' lists them";

    /// <returns>Those that nothing is wrong with.</returns>
    private List<string> Needs(string[] labels, Complaints complaints)
    {
        var needs = new List<string>();
        for (var i = 0; i < labels.Length; i++)
        {
            complaints.Try(_need.Name, i, () => needs.Add(
                LabelNeed.Complaint(labels[i]) is { } complaint ? throw new AkcException($"{_need.Name} {complaint}", ExitCodes.Usage) : labels[i]));
        }

        return needs;
    }

    private List<string> After(string[] ids, Complaints complaints)
    {
        var jobs = new List<string>();
        for (var i = 0; i < ids.Length; i++)
        {
            complaints.Try(_after.Name, i, () => jobs.Add(JobArgument.Checked(ids[i])));
        }

        return jobs;
    }

    private InputFiles Inputs(string[] files, string? folder, TaskCommand command, CombineOrder? combine, Complaints complaints)
    {
        var inputs = new InputFiles();
        if (folder is not null)
        {
            complaints.Try(_folder.Name, 0, () => inputs.AddContent(folder));
        }

        if (command.Script is { } script)
        {
            complaints.Try(CommandAbout, 0, () => inputs.Add(script, command.ScriptName!));
        }

        if (combine?.Command is { Script: { } last, ScriptName: { } lastName })
        {
            complaints.Try(_combine.Name, 0, () => inputs.Add(last, lastName));
        }

        for (var i = 0; i < files.Length; i++)
        {
            complaints.Try(_files.Name, i, () => inputs.AddArgument(files[i]));
        }

        complaints.Try(_files.Name, 0, inputs.Check);
        return inputs;
    }

    private static string OwnVariable(string name)
    {
        var value = Environment.GetEnvironmentVariable(name) ?? throw new AkcException($"--env {name}: your environment has no {name}; write --env {name}=VALUE", ExitCodes.Usage);
        RawWords.CheckVariable(name, value);
        return value;
    }

    private SortedDictionary<string, string> Variables(string[] words, Complaints complaints)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < words.Length; i++)
        {
            var (word, equals) = (words[i], words[i].IndexOf('=', StringComparison.Ordinal));
            var name = equals < 0 ? word : word[..equals];
            complaints.Try(_env.Name, i, () => variables[name] = SubmitCheck.VariableComplaint(name) is { } complaint ? throw new AkcException($"--env {complaint}", ExitCodes.Usage)
                : equals >= 0 ? word[(equals + 1)..]
                : OwnVariable(name));
        }

        return variables;
    }
}
