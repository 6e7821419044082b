using System.CommandLine;
using System.CommandLine.Help;
using AkkaCompute.Cli.Demo;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Roles;
using AkkaCompute.Protocol;

namespace AkkaCompute.Cli.Commands;

internal static class AllCommands
{
    /// <summary>Every command of <c>akc</c>.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand(
            $"{ProductInfo.Name}: a pool made of friends' computers.\n\n"
            + "  akc up            start a pool and lend this machine\n"
            + "  akc join CODE     lend this machine to a friend's pool\n"
            + "  akc run train.py  run a script or a command wherever there is room");
        Command[] commands =
        [
            new UpCommand(), new JoinCommand(), new ConnectCommand(), new DownCommand(), new PeersCommand(), new RunCommand(), new PsCommand(), new LogsCommand(),
            new KillCommand(), new FetchCommand(), new WhyCommand(), new InviteCommand(), new DoctorCommand(), new DemoCommand(),
            new LighthouseCommand(), new NodeCommand(),
        ];
        foreach (var command in commands)
        {
            root.Subcommands.Add(command);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }
}
