using System.CommandLine;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Options;

namespace AkkaCompute.Cli.JobFiles;

/// <summary>
/// The keys of a job file: <c>command</c>, <c>array</c>, <c>map</c>, <c>render</c>, and every option of <c>run</c>, <c>array</c>,
/// <c>map</c> and <c>render</c> by its name. An option that is new there is a key here.
/// </summary>
internal sealed class JobFileKeys
{
    public const string Command = JobCommand.CommandWords;
    public const string Array = "array";
    public const string Map = MapCommand.ValueWords;
    public const string Render = RenderCommand.SceneWord;

    /// <summary>Not of the job, but of whoever submits it: options of <c>submit</c>.</summary>
    public static readonly IReadOnlyList<string> OfSubmit = ["--detach", "--json", "--quiet"];

    private readonly RootCommand _root = AllCommands.Root();

    public JobFileKeys() => All = [Command, Array, Map, Render, .. Jobs.SelectMany(job => OptionsOf(job).Keys).Distinct()];

    public IReadOnlyList<string> All { get; }

    /// <summary>By what they divide: <c>run</c> nothing, <c>array</c> by number, <c>map</c> by all else.</summary>
    public JobCommand Run => Jobs.Single(job => job is RunCommand);

    private IEnumerable<JobCommand> Jobs => _root.Subcommands.OfType<JobCommand>();

    public JobCommand Of(string name) => Jobs.Single(job => job.Name == name);

    /// <summary>The command that has this key as an option; of several the one that divides least.</summary>
    public (JobCommand Command, Option Option)? Find(string key) =>
        Jobs.Select(job => (job, OptionsOf(job).GetValueOrDefault(key))).FirstOrDefault(found => found.Item2 is not null) is { Item2: { } option } first
            ? (first.job, option)
            : null;

    /// <summary>By key.</summary>
    public static IReadOnlyDictionary<string, Option> OptionsOf(JobCommand job) =>
        job.Options.Where(option => !option.Hidden && !OfSubmit.Contains(option.Name)).ToDictionary(option => KeyOf(option.Name), StringComparer.Ordinal);

    /// <summary>The key that says what a submit says under this name.</summary>
    public static string OfRequest(string name) => name switch
    {
        "on" => "node",
        "notOn" => "not-on",
        "needs" => "need",
        "gpus" => "gpu",
        "retriesMax" => "retries",
        _ => name,
    };

    public static string KeyOf(string option) => option.TrimStart('-');

    public ParseResult Parse(IReadOnlyList<string> words) => _root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
}
