using System.Diagnostics;
using System.Net.Sockets;
using AkkaCompute.Cli.Client;
using AkkaCompute.ComputeNode.Owner;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Cli.Roles;

/// <summary>What runs in a home, and how it is stopped: asked first, killed when it does not answer in time.</summary>
internal static class RunningRoles
{
    private static readonly TimeSpan HealthTime = TimeSpan.FromSeconds(5);

    public static async Task<bool> IsLighthouseUpAsync(Home home, CancellationToken cancel)
    {
        using var http = OverSocket(home, HealthTime);
        try
        {
            using var reply = await http.GetAsync(Routes.Health, cancel);
            return reply.IsSuccessStatusCode;
        }
        catch (Exception e) when (PoolClient.IsBroken(e, cancel) || e is SocketException)
        {
            return false;
        }
    }

    public static async Task<NodeStatus?> NodeAsync(Home home, CancellationToken cancel)
    {
        try
        {
            return await LocalControlClient.StatusAsync(home, cancel);
        }
        catch (TimeoutException e)
        {
            throw new AkcException($"{e.Message}; 'akc down' ends it", ExitCodes.Failed, e);
        }
    }

    /// <returns>False when none ran.</returns>
    public static async Task<bool> StopNodeAsync(Home home, StopDeadline deadline, CancellationToken cancel)
    {
        using var process = PidFile.Read(home, RoleProcess.Node);
        bool? stopped;
        try
        {
            stopped = await LocalControlClient.StopAsync(home, deadline.ForNode, cancel);
        }
        catch (TimeoutException)
        {
            stopped = null;
        }

        return await EndAsync(process, stopped == true ? deadline.ForNode : TimeSpan.Zero, cancel) || stopped == true;
    }

    /// <returns>False when none ran.</returns>
    public static async Task<bool> StopLighthouseAsync(Home home, StopDeadline deadline, CancellationToken cancel)
    {
        using var process = PidFile.Read(home, RoleProcess.Lighthouse);
        var asked = false;
        using (var http = OverSocket(home, deadline.ForLighthouse))
        {
            try
            {
                using var reply = await http.PostAsync(Routes.Shutdown, null, cancel);
                asked = reply.IsSuccessStatusCode;
            }
            catch (Exception e) when (PoolClient.IsBroken(e, cancel))
            {
                // it does not listen, or went away while it answered
            }
        }

        return await EndAsync(process, asked ? deadline.ForLighthouse : TimeSpan.Zero, cancel) || asked;
    }

    private static HttpClient OverSocket(Home home, TimeSpan time) =>
        new(PoolHttp.OverSocket(home.LighthouseSocket)) { BaseAddress = new Uri("http://localhost"), Timeout = time };

    /// <summary>Waits for its end, then makes it.</summary>
    private static async Task<bool> EndAsync(RunningRole? process, TimeSpan time, CancellationToken cancel)
    {
        if (process is null)
        {
            return false;
        }

        if (!await process.HasEndedAsync(time, cancel))
        {
            process.Kill();
            await process.HasEndedAsync(StopDeadline.KillTime, cancel);
        }

        return true;
    }
}

/// <summary>The 3 s of <c>down</c>, shared by its steps: the node has most of it, the Lighthouse at least the rest.</summary>
internal sealed class StopDeadline
{
    /// <summary>SIGKILL takes effect at once, but for a process in the middle of a disk's wait.</summary>
    public static readonly TimeSpan KillTime = TimeSpan.FromSeconds(0.2);

    private static readonly TimeSpan All = TimeSpan.FromSeconds(2.7); // the start of akc itself takes a part
    private static readonly TimeSpan LighthouseMin = TimeSpan.FromSeconds(0.4);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

    private readonly long _started = Stopwatch.GetTimestamp();

    public TimeSpan ForNode => Left - LighthouseMin > Least ? Left - LighthouseMin : Least;

    public TimeSpan ForLighthouse => Left > Least ? Left : Least;

    private TimeSpan Left => All - Stopwatch.GetElapsedTime(_started);
}
