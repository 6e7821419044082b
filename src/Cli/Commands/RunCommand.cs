using System.CommandLine;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;

namespace AkkaCompute.Cli.Commands;

internal sealed class RunCommand : JobCommand
{
    private readonly Argument<string[]> _words = new("SCRIPT|COMMAND [ARGS]") { Arity = ArgumentArity.OneOrMore, Description = "a script here, or a command of the node; every word after it is its own" };

    public RunCommand()
        : base("run", "Run a script or a command on the pool: output as it comes, result files at the end.", retries: 0)
    {
        Arguments.Add(_words);
        AddOptions();
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

    protected override IReadOnlyList<string> CommandOf(ParseResult parsed) => parsed.GetValue(_words)!;

    protected override Task<Division?> DivideAsync(ParseResult parsed, IReadOnlyList<string> command, Complaints complaints, CancellationToken cancel) =>
        Task.FromResult<Division?>(PlainTasks.One);
}
