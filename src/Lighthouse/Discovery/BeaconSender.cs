using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Lighthouse.Discovery;

/// <summary>Tells the LAN where this Lighthouse is, once a second, on every interface that is up at that moment.</summary>
internal static class BeaconSender
{
    /// <summary>Until cancelled. Nothing that an interface does ends it.</summary>
    public static async Task RunAsync(Beacon beacon, CancellationToken stop)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(beacon, ProtocolJson.Default.Beacon);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Beacon.IntervalSeconds));
        try
        {
            do
            {
                foreach (var (local, broadcast) in Interfaces())
                {
                    Shout(bytes, local, broadcast);
                }
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // the Lighthouse ends
        }
    }

    private static void Shout(byte[] bytes, IPAddress local, IPAddress broadcast)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, local.GetAddressBytes());
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 1);
            socket.EnableBroadcast = true;
            socket.Bind(new IPEndPoint(local, 0));
            Send(socket, bytes, IPAddress.Parse(Beacon.Multicast));
            Send(socket, bytes, broadcast);
        }
        catch (SocketException)
        {
            // the interface went down in between
        }
    }

    private static void Send(Socket socket, byte[] bytes, IPAddress to)
    {
        try
        {
            socket.SendTo(bytes, new IPEndPoint(to, BeaconListener.Port));
        }
        catch (SocketException)
        {
            // no route, no such thing on this interface, or a firewall: the other way may work
        }
    }

    private static IEnumerable<(IPAddress Local, IPAddress Broadcast)> Interfaces()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                    .SelectMany(i => i.GetIPProperties().UnicastAddresses)
                    .Where(a => a.Address.AddressFamily == AddressFamily.InterNetwork)
                    .Select(a => (a.Address, BroadcastOf(a))),
            ];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }

    /// <summary>Directed where the mask is known (it reaches one network), else the limited one.</summary>
    private static IPAddress BroadcastOf(UnicastIPAddressInformation address)
    {
        if (address.IPv4Mask is null || address.IPv4Mask.Equals(IPAddress.Any))
        {
            return IPAddress.Broadcast;
        }

        var bytes = address.Address.GetAddressBytes();
        var mask = address.IPv4Mask.GetAddressBytes();
        return new IPAddress([.. bytes.Select((b, i) => (byte)(b | ~mask[i]))]);
    }
}
