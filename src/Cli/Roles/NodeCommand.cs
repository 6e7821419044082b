using System.CommandLine;
using AkkaCompute.ComputeNode.Hosting;
using AkkaCompute.ComputeNode.Owner;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Protocol.Homes;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Cli.Roles;

/// <summary>The hidden <c>akc node</c>: what <c>akc up</c> and <c>akc join</c> start.</summary>
internal sealed class NodeCommand : Command
{
    public NodeCommand()
        : base(RoleProcess.Node, "the node's own process")
    {
        Hidden = true;
        SetAction(_ => RunAsync());
    }

    private static Task<int> RunAsync()
    {
        var home = Home.Find();
        return RoleHost.RunAsync(home, RoleProcess.Node, async (report, stop) =>
        {
            using var log = new FileLog(Path.Combine(home.LogFolder, "node.log"), TimeProvider.System);
            var logger = log.CreateLogger("node");
            var self = RoleProcess.Self;
            var options = new NodeOptions(home, self.File, self.Args, line => logger.Log(LogLevel.Information, 5000, line, null, (text, _) => text));
            try
            {
                await NodeProcess.RunAsync(options, ready => report(new RoleReport(null, 0, null, ready)), stop);
            }
            catch (NodeStartException e)
            {
                throw new AkcException(e.Message, ExitCodes.Failed, e);
            }
        });
    }
}
