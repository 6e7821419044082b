using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AkkaCompute.Protocol.Link;

/// <param name="From">Who sent it; with the beacon's port the address of a Lighthouse.</param>
public sealed record HeardBeacon(Beacon Beacon, IPAddress From);

/// <summary>Hears the Lighthouses of this LAN. Whoever shouts is not who he says until a join or a pinned key proves it.</summary>
public static class BeaconListener
{
    /// <summary>Tests move the beacon to a port of their own.</summary>
    public const string PortVariable = "AKC_BEACON_PORT";

    /// <summary>An interface that came up later is joined within this time.</summary>
    private static readonly TimeSpan JoinEvery = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Read in a second; the system drops what is more. Each Lighthouse sends two from each of its interfaces, so a large campus is
    /// heard whole, and a flood costs a listener no more than a thousandth of a processor.
    /// </summary>
    public const int PerSecondMax = 1000;

    /// <summary>The UDP port of sender and listener: <see cref="PortVariable"/>, else <see cref="Beacon.UdpPort"/>.</summary>
    public static int Port =>
        int.TryParse(Environment.GetEnvironmentVariable(PortVariable), out var port) && port is > 0 and <= 65535 ? port : Beacon.UdpPort;

    /// <summary>Every beacon that arrives until <paramref name="cancel"/>, malformed ones left out. Many processes of one machine may listen.</summary>
    /// <exception cref="SocketException">The port can't be shared: another program has it for itself.</exception>
    public static async IAsyncEnumerable<HeardBeacon> ListenAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        using var socket = Open(Port);
        var joined = new HashSet<IPAddress>();
        Join(socket, joined);
        var joinedAt = Environment.TickCount64;
        var buffer = new byte[Beacon.BytesMax + 1];
        var (second, read) = (0L, 0);
        while (true)
        {
            var now = Environment.TickCount64;
            (second, read) = now / 1000 == second ? (second, read + 1) : (now / 1000, 1);
            if (read > PerSecondMax)
            {
                await Task.Delay((int)(1000 - (now % 1000)), cancel).ConfigureAwait(false);
            }

            var (length, from) = await ReceiveAsync(socket, buffer, JoinEvery, cancel).ConfigureAwait(false);
            if (Environment.TickCount64 - joinedAt >= JoinEvery.TotalMilliseconds)
            {
                Join(socket, joined);
                joinedAt = Environment.TickCount64;
            }

            if (from is not null && Parse(buffer.AsSpan(0, length)) is { } beacon)
            {
                yield return new HeardBeacon(beacon, from);
            }
        }
    }

    /// <summary>Null for anything that is no beacon: anyone on the LAN can send datagrams.</summary>
    internal static Beacon? Parse(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length is 0 or > Beacon.BytesMax)
        {
            return null;
        }

        try
        {
            var beacon = JsonSerializer.Deserialize(datagram, ProtocolJson.Default.Beacon);
            return beacon is { Port: > 0 and <= 65535, PoolName: { Length: > 0 and <= 100 } name }
                && Ids.IsValid(beacon.PoolId) && !name.Any(Printable.IsSteering)
                    ? beacon
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Socket Open(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Joins the group on each interface that is up, loopback too; one that refuses has broadcast left.</summary>
    private static void Join(Socket socket, HashSet<IPAddress> joined)
    {
        foreach (var address in LocalAddresses())
        {
            if (joined.Contains(address))
            {
                continue;
            }

            try
            {
                socket.SetSocketOption(
                    SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(IPAddress.Parse(Beacon.Multicast), address));
                joined.Add(address);
            }
            catch (SocketException)
            {
                // an interface without multicast, or one that just went
            }
        }
    }

    internal static IEnumerable<IPAddress> LocalAddresses()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                    .SelectMany(i => i.GetIPProperties().UnicastAddresses)
                    .Select(a => a.Address)
                    .Where(a => a.AddressFamily == AddressFamily.InterNetwork),
            ];
        }
        catch (NetworkInformationException)
        {
            return [IPAddress.Loopback];
        }
    }

    /// <returns>No address when nothing came within <paramref name="time"/>, or only an error that an earlier datagram caused.</returns>
    private static async Task<(int Length, IPAddress? From)> ReceiveAsync(Socket socket, byte[] buffer, TimeSpan time, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(time);
        try
        {
            var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), limit.Token).ConfigureAwait(false);
            return (received.ReceivedBytes, ((IPEndPoint)received.RemoteEndPoint).Address);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (0, null);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.MessageSize or SocketError.ConnectionReset)
        {
            return (0, null); // a datagram that is too long (Windows says so)
        }
    }
}
