using System.Net.Sockets;
using AkkaCompute.Cli.Options;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Cli.Client;

/// <param name="Url">Where the beacon says that the Lighthouse is; who answers there proves itself.</param>
internal sealed record HeardLighthouse(string PoolId, string PoolName, Uri Url);

/// <summary>The Lighthouses of this LAN, by their beacons.</summary>
internal static class Beacons
{
    /// <summary>Of what anyone on the LAN can shout, no more is taken down.</summary>
    internal const int Max = 64;

    /// <summary><c>AKC_NO_BEACON</c> or <c>"no-beacon"</c> turns sending and hearing off.</summary>
    public static bool AreOn => Settings.Find("no-beacon") is not { Value: "1" or "true" or "yes" or "on" };

    /// <summary>Everyone who is heard within <paramref name="time"/>; with a <paramref name="poolId"/> the first of that pool ends the wait.</summary>
    public static async Task<IReadOnlyList<HeardLighthouse>> HearAsync(TimeSpan time, string? poolId, CancellationToken cancel)
    {
        var heard = new List<HeardLighthouse>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(time);
        try
        {
            await foreach (var (beacon, from) in BeaconListener.ListenAsync(limit.Token))
            {
                var lighthouse = new HeardLighthouse(beacon.PoolId, beacon.PoolName, new Uri($"https://{from}:{beacon.Port}"));
                if ((poolId is null || beacon.PoolId == poolId) && heard.Count < Max && !heard.Contains(lighthouse))
                {
                    heard.Add(lighthouse);
                    if (poolId is not null)
                    {
                        break;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
        }
        catch (SocketException)
        {
            // another program has the port for itself: nothing is heard
        }

        return heard;
    }
}
