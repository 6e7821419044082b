using System.Net;
using System.Net.Sockets;

namespace AkkaCompute.Lighthouse.Join;

/// <summary>
/// How often a wrong code may be tried. 66 bits outlast any rate; this keeps logs short, the processor free, and a person who
/// watches in time. A try counts from its beginning, so that many at once are no way around.
/// </summary>
internal sealed class TryLimits(TimeProvider time)
{
    public const int AddressTriesMax = 5;

    /// <summary>A fifth of all, so that one address can't use up everybody's hour.</summary>
    public const int AddressHourTriesMax = 20;

    public const int TriesMax = 100;

    public static readonly TimeSpan AddressWindow = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly List<(string Address, DateTimeOffset At)> _tries = []; // oldest first, at most TriesMax

    /// <summary>Counts a try. When there were too many, it does not and says when the next one is taken.</summary>
    public DateTimeOffset? Begin(string address)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _tries.RemoveAll(t => t.At <= now - Window);
            if (_tries.Count >= TriesMax)
            {
                return _tries[0].At + Window;
            }

            var own = _tries.Where(t => t.Address == address).ToList();
            if (own.Count >= AddressHourTriesMax)
            {
                return own[0].At + Window;
            }

            var lately = own.FindAll(t => t.At > now - AddressWindow);
            if (lately.Count >= AddressTriesMax)
            {
                return lately[0].At + AddressWindow;
            }

            _tries.Add((address, now));
            return null;
        }
    }

    /// <summary>It was no guess: the code was right.</summary>
    public void Forgive(string address)
    {
        lock (_gate)
        {
            var last = _tries.FindLastIndex(t => t.Address == address);
            if (last >= 0)
            {
                _tries.RemoveAt(last);
            }
        }
    }

    /// <summary>Whom tries count for: an IPv4 address, or the /64 that one household has of IPv6.</summary>
    public static string KeyOf(IPAddress? address)
    {
        if (address is null)
        {
            return "local";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}
