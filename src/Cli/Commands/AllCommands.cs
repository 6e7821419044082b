using System.CommandLine;
using System.CommandLine.Help;
using AkkaCompute.Cli.Demo;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Roles;
using AkkaCompute.Protocol;

namespace AkkaCompute.Cli.Commands;

internal static class AllCommands
{
    /// <exception cref="AkcException">An option of <c>run</c>, <c>array</c>, <c>map</c> or <c>render</c> that there is not.</exception>
    public static ParseResult Parse(IReadOnlyList<string> args)
    {
        var root = Root();
        return root.Parse(OptionEnd.Mark(root, Asked(root, args)), new ParserConfiguration { ResponseFileTokenReplacer = null });
    }

    /// <summary><c>help</c> is what people try first: <c>akc help run</c> is <c>akc run --help</c>.</summary>
    private static IReadOnlyList<string> Asked(RootCommand root, IReadOnlyList<string> args) =>
        args is not ["help", ..] ? args
        : args.Count > 1 && root.Subcommands.Any(c => c.Name == args[1]) ? [args[1], "--help"]
        : args.Count > 1 ? args.Skip(1).ToArray() // no such command: said as of any other word
        : ["--help"];

    /// <summary>Every command of <c>akc</c>.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand($"{ProductInfo.Name}: a pool made of friends' computers.");
        Command[] commands =
        [
            new UpCommand(), new JoinCommand(), new ConnectCommand(), new DownCommand(), new PeersCommand(), new RunCommand(), new ArrayCommand(), new MapCommand(), new RenderCommand(), new SubmitCommand(), new PsCommand(), new TopCommand(), new LogsCommand(),
            new KillCommand(), new RetryCommand(), new FetchCommand(), new WhyCommand(), new InviteCommand(), new DoctorCommand(), new JournalCommand(), new DemoCommand(),
            new LighthouseCommand(), new NodeCommand(),
        ];
        foreach (var command in commands)
        {
            root.Subcommands.Add(command);
        }

        root.Options.OfType<HelpOption>().Single().Action = new Options.HelpAction();
        return root;
    }
}
