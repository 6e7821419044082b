using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Roles;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

/// <summary><c>--foreground</c>: stays while a role of this home runs, and takes all of them down at Ctrl-C or SIGTERM.</summary>
internal static class Foreground
{
    public static async Task<int> StayAsync(Home home, CancellationToken cancel)
    {
        using var interrupts = new Interrupts(cancel);
        using var lighthouse = PidFile.Read(home, RoleProcess.Lighthouse);
        using var node = PidFile.Read(home, RoleProcess.Node);
        var roles = new[] { lighthouse, node }.OfType<RunningRole>().Select(role => role.HasEndedAsync(Timeout.InfiniteTimeSpan, interrupts.Token)).ToList();
        Notes.Chat("Ctrl-C takes it down");
        await Task.WhenAny(roles);
        await DownCommand.StopAsync(home, CancellationToken.None);
        return ExitCodes.Done;
    }
}
