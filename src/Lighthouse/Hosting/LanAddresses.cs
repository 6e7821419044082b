using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>Where this machine is reached just now.</summary>
internal static class LanAddresses
{
    /// <summary>Containers and tests have many interfaces; a code with more addresses helps nobody.</summary>
    private const int Max = 16;

    /// <summary>Those with a gateway first: friends are beyond it or beside it, not on a container's bridge.</summary>
    public static IReadOnlyList<string> Urls(int port)
    {
        List<IPAddress> lan = [];
        try
        {
            lan =
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                    .Select(i => i.GetIPProperties())
                    .OrderByDescending(p => p.GatewayAddresses.Any(g => !g.Address.Equals(IPAddress.Any)))
                    .SelectMany(p => p.UnicastAddresses)
                    .Select(a => a.Address)
                    .Where(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a))
                    .Distinct()
                    .Take(Max),
            ];
        }
        catch (NetworkInformationException)
        {
            // no interfaces to be seen: loopback remains
        }

        return [.. lan.Append(IPAddress.Loopback).Select(address => $"https://{address}:{port}")];
    }
}
