using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Roles;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

/// <summary><c>--foreground</c>: stays while a role of this home runs, and takes all of them down at Ctrl-C or SIGTERM.</summary>
internal static class Foreground
{
    /// <returns>1 when all roles ended by themselves, so that a service manager starts them again.</returns>
    public static async Task<int> StayAsync(Home home, CancellationToken cancel)
    {
        using var interrupts = new Interrupts(cancel);
        using var lighthouse = PidFile.Read(home, RoleProcess.Lighthouse);
        using var node = PidFile.Read(home, RoleProcess.Node);
        Notes.Chat("Ctrl-C takes it down");
        try
        {
            await Task.WhenAll(StayAsync(lighthouse, "the Lighthouse", interrupts.Token), StayAsync(node, "the node", interrupts.Token));
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (interrupts.Token.IsCancellationRequested)
        {
            await DownCommand.StopAsync(home, CancellationToken.None);
            return ExitCodes.Done;
        }
    }

    private static async Task StayAsync(RunningRole? role, string name, CancellationToken cancel)
    {
        if (role is not null)
        {
            await role.HasEndedAsync(Timeout.InfiniteTimeSpan, cancel);
            Notes.Say($"{name} has ended");
        }
    }
}
