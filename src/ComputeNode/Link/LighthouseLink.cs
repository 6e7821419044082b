using System.Net;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Link;

/// <summary>What the node tells about itself, asked for at each hello and heartbeat.</summary>
/// <param name="Offer">The same object for as long as nothing changed: it is sent only when it did.</param>
internal sealed record NodeReport(NodeOffer Offer, NodeUsage Usage, IReadOnlyList<HeldLease> Held);

/// <summary>Hears beacons until cancelled; the callback gets who shouted, on any thread.</summary>
internal delegate Task BeaconEar(Action<IPAddress, Beacon> heard, CancellationToken cancel);

/// <summary>Where the link's news goes. All callbacks only hand on, they never block.</summary>
internal sealed record LinkEvents(Action<Welcome> Up, Action Down, Action<LinkMessage> Received);

/// <summary>
/// The node's connection to its Lighthouse, for as long as the node runs: finds it, keeps one session at a time and comes back
/// when that ends. See the README beside this file.
/// </summary>
internal sealed partial class LighthouseLink : ILighthouse, IDisposable
{
    private readonly LinkOptions options;
    private readonly LighthouseTransport transport;
    private readonly LighthouseAddresses addresses;
    private readonly Func<CancellationToken, Task<NodeReport>> report;
    private readonly Action<string> log;
    private readonly LinkOutbox outbox = new();
    private readonly Wake wake = new();
    private readonly Lock gate = new();
    private TaskCompletionSource<Uri> up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile LinkStatus status = new(false, null, null);
    private volatile bool isLeaving;

    public LighthouseLink(
        LinkOptions options, LighthouseTransport transport, LighthouseAddresses addresses,
        Func<CancellationToken, Task<NodeReport>> report, Action<string> log)
    {
        this.options = options;
        this.transport = transport;
        this.addresses = addresses;
        this.report = report;
        this.log = log;
        outbox.HasRoom += () => Ready?.Invoke(new LinkReady(Reconnected: false));
    }

    public event Action<LinkReady>? Ready;

    public LinkStatus Status => status;

    /// <summary>Ends when a try to connect has failed, or a session has ended, for the first time.</summary>
    public Task FailedOnce => failed.Task;

    /// <summary>Hears the Lighthouse while there is no session; null listens for nothing (the Lighthouse is this home's own).</summary>
    public BeaconEar? Ear { get; init; }

    /// <summary>Takes all known addresses when another one than the first was the right one.</summary>
    public Action<IReadOnlyList<string>>? SaveAddresses { get; init; }

    public bool TrySend(SegmentFrame segment) => outbox.TrySend(segment);

    /// <summary>Never blocks; dropped while the link is down.</summary>
    public void Post(LinkMessage message) => outbox.Post(message);

    /// <summary>Says goodbye after all that was posted before; <see cref="RunAsync"/> ends when it is sent.</summary>
    public void Leave()
    {
        isLeaving = true;
        if (!outbox.Post(new Goodbye()))
        {
            wake.Up();
        }
    }

    /// <summary>Connects, and connects again, until <paramref name="stop"/> or <see cref="Leave"/>.</summary>
    public async Task RunAsync(LinkEvents events, CancellationToken stop)
    {
        var backoff = new Backoff(options.ReconnectMin, options.ReconnectMax, options.Jitter);
        while (!isLeaving)
        {
            try
            {
                var (session, address, isRefusal) = await SearchAsync(stop);
                if (session is not null)
                {
                    if (await LiveAsync(session, address!, events, stop))
                    {
                        backoff.Reset();
                    }

                    await WaitAsync(backoff.Next(), hears: true, stop);
                }
                else
                {
                    await WaitAsync(isRefusal ? options.RefusedRetry : backoff.Next(), hears: !isRefusal, stop);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        transport.Dispose();
        outbox.Dispose();
        wake.Dispose();
    }

    /// <summary>One session from its welcome to its end; true when it lasted.</summary>
    private async Task<bool> LiveAsync(LinkSession session, Uri address, LinkEvents events, CancellationToken stop)
    {
        var began = options.Time.GetTimestamp();
        await using (session)
        {
            SetUp(address);
            log($"connected to {address.Authority} as {session.Welcome.NodeName}");
            events.Up(session.Welcome);
            Ready?.Invoke(new LinkReady(Reconnected: true));
            string? why = null;
            try
            {
                why = await session.RunAsync(outbox, events.Received, BeatAsync, stop);
            }
            finally
            {
                SetDown(why);
                events.Down();
            }

            if (why is not null && !stop.IsCancellationRequested)
            {
                log(why + "; connecting again");
            }
        }

        return options.Time.GetElapsedTime(began) >= options.StableAfter;
    }

    private async Task<string?> BeatAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(options.Heartbeat, options.Time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            var now = await report(cancel);
            var offer = ReferenceEquals(now.Offer, offerSent) ? null : now.Offer;
            if (outbox.Post(new Heartbeat(offer, now.Usage, now.Held)))
            {
                offerSent = now.Offer;
            }
        }

        return null;
    }

    private void SetUp(Uri address)
    {
        outbox.Open();
        lock (gate)
        {
            status = new LinkStatus(true, address.Authority, null);
            up.TrySetResult(address);
        }

        if (isLeaving)
        {
            outbox.Post(new Goodbye());
        }
    }

    private void SetDown(string? why)
    {
        lock (gate)
        {
            status = new LinkStatus(false, null, why);
            failed.TrySetResult();
            up = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        outbox.Close();
    }

    private Task<Uri> UpAsync(CancellationToken cancel)
    {
        lock (gate)
        {
            return up.Task.WaitAsync(cancel);
        }
    }
}
