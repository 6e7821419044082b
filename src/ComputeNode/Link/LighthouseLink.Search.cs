using System.Net;
using System.Net.Sockets;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Link;

// Finding the Lighthouse.
internal sealed partial class LighthouseLink
{
    /// <summary>The next address is tried while the one before has not answered yet: dead ones (a VPN, a container's bridge) cost this much each.</summary>
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(200);

    /// <summary>Beacons come every second from each interface; more often they don't cut a wait short.</summary>
    private static readonly TimeSpan BeaconWakeEvery = TimeSpan.FromSeconds(1);

    private NodeOffer? offerSent;
    private long beaconWokeAt;

    private async Task<(LinkSession? Session, Uri? Address, bool IsRefusal)> SearchAsync(CancellationToken stop)
    {
        var candidates = addresses.Candidates();
        var (address, why) = candidates.Count switch
        {
            0 => (null, "no address of the Lighthouse is known; waiting for its beacon on this network"),
            1 => (candidates[0], null),
            _ => await FirstThatAnswersAsync(candidates, stop),
        };
        if (address is null)
        {
            Failed(why!);
            return default;
        }

        var now = await report(stop);
        var hello = new Hello(ProtocolVersion.Current, ProductInfo.Version, options.BootId, now.Offer, now.Usage, now.Held);
        var attempt = await LinkSession.OpenAsync(transport, address, options, hello, stop);
        if (attempt.Session is null)
        {
            Failed(attempt.Why!);
            return (null, null, attempt.IsRefusal);
        }

        offerSent = now.Offer;
        if (addresses.Worked(address) is { } all)
        {
            SaveAddresses?.Invoke(all);
        }

        return (attempt.Session, address, false);
    }

    /// <summary>Asks each for its health, 200 ms apart; the first that proves to hold the pinned key wins.</summary>
    private async Task<(Uri? Address, string? Why)> FirstThatAnswersAsync(IReadOnlyList<Uri> candidates, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(options.ConnectTimeout);
        var asked = new List<Task<string?>>();
        string? why = null;
        try
        {
            var open = new Dictionary<Task<string?>, Uri>();
            foreach (var candidate in candidates)
            {
                var question = AskHealthAsync(candidate, end.Token);
                asked.Add(question);
                open.Add(question, candidate);
                await Task.WhenAny(open.Keys.Append(Task.Delay(Stagger, end.Token)));
                if (await WinnerAsync(open) is { } winner)
                {
                    return (winner, null);
                }
            }

            while (open.Count > 0)
            {
                await Task.WhenAny(open.Keys);
                if (await WinnerAsync(open) is { } winner)
                {
                    return (winner, null);
                }
            }

            stop.ThrowIfCancellationRequested();
            return (null, why);
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(asked);
        }

        // The reason of the best known address is told: the others are guesses.
        async Task<Uri?> WinnerAsync(Dictionary<Task<string?>, Uri> open)
        {
            foreach (var (question, address) in open.Where(o => o.Key.IsCompleted).ToArray())
            {
                open.Remove(question);
                if (await question is not { } complaint)
                {
                    return address;
                }

                why = address == candidates[0] || why is null ? complaint : why;
            }

            return null;
        }
    }

    /// <summary>Null when a Lighthouse with the pinned key answers there; else why not. Never throws.</summary>
    private async Task<string?> AskHealthAsync(Uri address, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, Routes.Health));
            using var response = await transport.Link.SendAsync(request, cancel);
            return response.IsSuccessStatusCode ? null : $"{address.Authority} answered {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return LinkFailure.Describe(e, address);
        }
    }

    private void Failed(string why)
    {
        if (status.Why != why)
        {
            log(why);
        }

        status = new LinkStatus(false, null, why);
        failed.TrySetResult();
    }

    /// <summary>Waits before the next try; a beacon of this pool ends the wait when <paramref name="hears"/>.</summary>
    private async Task WaitAsync(TimeSpan time, bool hears, CancellationToken stop)
    {
        if (isLeaving)
        {
            return;
        }

        if (Ear is null || !hears)
        {
            await wake.SleepAsync(time, options.Time, stop);
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var listening = ListenAsync(Ear, end.Token);
        try
        {
            await wake.SleepAsync(time, options.Time, stop);
        }
        finally
        {
            await end.CancelAsync();
            await listening;
        }
    }

    /// <summary>Never throws: without a beacon the known addresses remain.</summary>
    private async Task ListenAsync(BeaconEar ear, CancellationToken cancel)
    {
        try
        {
            await ear(Heard, cancel);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            if (!cancel.IsCancellationRequested && !deafnessLogged)
            {
                deafnessLogged = true;
                log($"can't listen for beacons on UDP {Beacon.UdpPort}: {e.Message}");
            }
        }
    }

    private bool deafnessLogged;

    private void Heard(IPAddress from, Beacon beacon)
    {
        if (beacon.PoolId != options.PoolId || beacon.Port is <= 0 or > 65535)
        {
            return;
        }

        var host = from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from;
        addresses.Heard(new UriBuilder(Uri.UriSchemeHttps, host.ToString(), beacon.Port).Uri);
        var now = options.Time.GetTimestamp();
        var before = Interlocked.Read(ref beaconWokeAt);
        if ((before == 0 || options.Time.GetElapsedTime(before, now) >= BeaconWakeEvery)
            && Interlocked.CompareExchange(ref beaconWokeAt, now, before) == before)
        {
            wake.Up();
        }
    }
}
