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
    /// <summary>A node hands back within 2.5 s; with the Lighthouse's end <c>down</c> stays within 3 s of waiting.</summary>
    private static readonly TimeSpan NodeStopTime = TimeSpan.FromSeconds(2.6);
    private static readonly TimeSpan LighthouseStopTime = TimeSpan.FromSeconds(2);

    /// <summary>A process in the middle of a disk's wait ends after it.</summary>
    private static readonly TimeSpan KillTime = TimeSpan.FromSeconds(1);

    public static async Task<bool> IsLighthouseUpAsync(Home home, CancellationToken cancel)
    {
        using var http = new HttpClient(PoolHttp.OverSocket(home.LighthouseSocket)) { BaseAddress = new Uri("http://localhost"), Timeout = TimeSpan.FromSeconds(5) };
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
    public static async Task<bool> StopNodeAsync(Home home, CancellationToken cancel)
    {
        using var process = PidFile.Read(home, RoleProcess.Node);
        bool? stopped;
        try
        {
            stopped = await LocalControlClient.StopAsync(home, NodeStopTime, cancel);
        }
        catch (TimeoutException)
        {
            stopped = null;
        }

        return await EndAsync(process, TimeSpan.FromSeconds(stopped == true ? 1 : 0), cancel) || stopped == true;
    }

    /// <returns>False when none ran.</returns>
    public static async Task<bool> StopLighthouseAsync(Home home, CancellationToken cancel)
    {
        using var process = PidFile.Read(home, RoleProcess.Lighthouse);
        var asked = false;
        using (var http = new HttpClient(PoolHttp.OverSocket(home.LighthouseSocket)) { BaseAddress = new Uri("http://localhost"), Timeout = LighthouseStopTime })
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

        return await EndAsync(process, asked ? LighthouseStopTime : TimeSpan.Zero, cancel) || asked;
    }

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
            await process.HasEndedAsync(KillTime, cancel);
        }

        return true;
    }
}
