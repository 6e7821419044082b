using System.CommandLine;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Commands;

internal sealed class ArrayCommand : JobCommand
{
    private readonly Argument<int> _count = new("N")
    {
        Description = $"how many tasks, 1 to {JobSpec.TaskCountMax}",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (Opt.WholeNumber(text, 1, JobSpec.TaskCountMax) is { } count)
            {
                return count;
            }

            result.AddError($"N is '{text}': {Opt.WantsCount(1, JobSpec.TaskCountMax)}");
            return 0;
        },
    };

    private readonly Argument<string[]> _words = new("SCRIPT|COMMAND [ARGS]") { Arity = ArgumentArity.OneOrMore, Description = "what each task runs; every word after the first is its own" };

    public ArrayCommand()
        : base("array", "Run a command N times; each task knows its number.", retries: 2)
    {
        Arguments.Add(_count);
        Arguments.Add(_words);
        AddOptions([.. OfSeveral]);
    }

    public override int? WordsBeforeCommand => 1;

    public override string Synopsis => "N [OPTIONS] [--] SCRIPT|COMMAND [ARGS]...";

    public override IReadOnlyList<string> Details =>
    [
        "A task reads its number from AKC_TASK_INDEX (0 to N-1) and N from AKC_TASK_COUNT; {#} in the command is the number from 1.",
        "Result files land in results/JOB/INDEX.",
        "Ends with 0 when all tasks succeeded, else with 1.",
        "A task that fails for good ends the job, unless --keep-going is given.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "# a hundred tries with another seed each",
        "akc array 100 -- sh -c 'echo seed $AKC_TASK_INDEX of $AKC_TASK_COUNT'",
        "# a script that picks its part of the work by the two variables",
        "akc array 32 -f data.csv --cores 2 fit.py --folds 32",
    ];

    protected override IReadOnlyList<string> CommandOf(ParseResult parsed) => parsed.GetValue(_words)!;

    protected override Task<Division?> DivideAsync(ParseResult parsed, IReadOnlyList<string> command, Complaints complaints, CancellationToken cancel) =>
        Task.FromResult<Division?>(new PlainTasks(parsed.GetValue(_count), isNumbered: true));
}
