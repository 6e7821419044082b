using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Tests;

/// <summary>Whoever shouts on a LAN, over loopback: this process hears beacons on a UDP port of its own while this lives.</summary>
internal sealed class ShoutingLan : IDisposable
{
    private static readonly TimeSpan ShoutEvery = TimeSpan.FromMilliseconds(20);

    private readonly string? before = Environment.GetEnvironmentVariable(BeaconListener.PortVariable);
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly IPEndPoint target;

    public ShoutingLan()
    {
        using (var free = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            free.Bind(new IPEndPoint(IPAddress.Any, 0));
            target = new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)free.LocalEndPoint!).Port);
        }

        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Environment.SetEnvironmentVariable(BeaconListener.PortVariable, $"{target.Port}");
    }

    public static byte[] Bytes(Beacon beacon) => JsonSerializer.SerializeToUtf8Bytes(beacon, ProtocolJson.Default.Beacon);

    /// <summary>What is no beacon: garbage, cut off, too long, or one that says what none may say.</summary>
    public static IReadOnlyList<byte[]> Bad(Beacon sound)
    {
        var bytes = Bytes(sound);
        var random = new Random(1);
        var noise = new byte[Beacon.BytesMax];
        random.NextBytes(noise);
        return
        [
            [], [0], noise, noise[..7], Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"), Encoding.ASCII.GetBytes(new string('[', Beacon.BytesMax)),
            .. Enumerable.Range(1, bytes.Length - 1).Select(length => bytes[..length]), // cut off anywhere
            Padded(bytes, Beacon.BytesMax + 1), Padded(bytes, 9000), Padded(bytes, 65_507), // sound but for what follows
            Bytes(sound with { Port = 0 }), Bytes(sound with { Port = 65_536 }), Bytes(sound with { PoolId = "../pool" }),
            Bytes(sound with { PoolName = "raj\u001b[2J" }), Bytes(sound with { PoolName = new string('x', 101) }), Bytes(sound with { PoolName = null! }),
        ];
    }

    public void Send(ReadOnlySpan<byte> datagram) => socket.SendTo(datagram, target);

    /// <summary>As a Lighthouse does, more often: a datagram may be lost.</summary>
    public async Task ShoutAsync(Beacon beacon, CancellationToken stop)
    {
        var bytes = Bytes(beacon);
        using var timer = new PeriodicTimer(ShoutEvery);
        try
        {
            do
            {
                Send(bytes);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // heard
        }
    }

    /// <summary>As fast as it goes, on a thread of its own.</summary>
    /// <returns>How many were sent.</returns>
    public Task<long> FloodAsync(Func<long, byte[]> beacon, CancellationToken stop) => Task.Factory.StartNew(
        () =>
        {
            long sent = 0;
            while (!stop.IsCancellationRequested)
            {
                Send(beacon(sent++));
            }

            return sent;
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(BeaconListener.PortVariable, before);
        socket.Dispose();
    }

    private static byte[] Padded(byte[] bytes, int length) => [.. bytes, .. Enumerable.Repeat((byte)' ', length - bytes.Length)];
}
