namespace AkkaCompute.Protocol.Link;

/// <summary>
/// What a Lighthouse shouts on the LAN (UDP, JSON, at most <see cref="BytesMax"/> bytes) every second, to broadcast and to
/// <see cref="Multicast"/> on every interface. No secret; whoever hears it still proves itself at the join.
/// </summary>
public sealed record Beacon(int Protocol, string PoolId, string PoolName, int Port)
{
    public const int UdpPort = 7421;
    public const string Multicast = "239.255.74.20";
    public const int BytesMax = 512;
    public const double IntervalSeconds = 1;
}
