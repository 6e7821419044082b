using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Roles;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

/// <summary><c>--foreground</c>: stays while a role of this home runs, and takes all of them down at Ctrl-C or SIGTERM.</summary>
internal static class Foreground
{
    /// <returns>1 when the Lighthouse (or the node, where that is all) ended by itself, so that a service manager starts it again.</returns>
    public static async Task<int> StayAsync(Home home, CancellationToken cancel)
    {
        using var interrupts = new Interrupts(cancel);
        using var lighthouse = PidFile.Read(home, RoleProcess.Lighthouse);
        using var node = PidFile.Read(home, RoleProcess.Node);
        Notes.Chat("Ctrl-C takes it down");
        var code = ExitCodes.Done;
        try
        {
            if ((lighthouse ?? node) is { } role)
            {
                await role.HasEndedAsync(Timeout.InfiniteTimeSpan, interrupts.Token);
            }

            Notes.Say($"the {(lighthouse is null ? "node" : "Lighthouse")} has ended; its log is in {home.LogFolder}");
            code = ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (interrupts.Token.IsCancellationRequested)
        {
            // asked to end
        }

        await DownCommand.StopAsync(home, CancellationToken.None);
        return code;
    }
}
