using System.Net;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Tests;

namespace AkkaCompute.Protocol.Tests.Link;

/// <summary>A listener with its real socket, and what anyone may send to that.</summary>
public sealed class BeaconSocketTests
{
    private static readonly Beacon Sound = new(1, "pool-1", "raj's pool", 7420);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_no_beacon_is_dropped_and_the_next_true_one_is_heard()
    {
        using var lan = new ShoutingLan();
        await using var ear = await HearingAsync(lan);

        foreach (var bad in ShoutingLan.Bad(Sound))
        {
            lan.Send(bad); // on loopback they stay in order
            lan.Send(ShoutingLan.Bytes(Sound with { Port = 1 + (bad.Length % 65_535) }));

            var heard = await NextAsync(ear);
            heard.ShouldBe(new HeardBeacon(Sound with { Port = 1 + (bad.Length % 65_535) }, IPAddress.Loopback));
        }
    }

    /// <summary>Forged or not, they cost no more than the limit; the system drops what is more.</summary>
    [Fact]
    public async Task Of_a_flood_no_more_is_read_than_the_limit_and_afterwards_a_true_beacon_is_heard()
    {
        const int PerSecond = 1000; // as docs/limits.md promises
        const int Seconds = 3;
        using var lan = new ShoutingLan();
        await using var ear = await HearingAsync(lan);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var flood = lan.FloodAsync(n => ShoutingLan.Bytes(Sound with { PoolId = $"forged-{n}" }), stop.Token);
        var began = Environment.TickCount64;
        for (var i = 0; i < ((Seconds - 1) * PerSecond) + (PerSecond / 2); i++)
        {
            (await NextAsync(ear)).Beacon.PoolId.ShouldStartWith("forged-");
        }

        var ended = Environment.TickCount64;
        await stop.CancelAsync();

        // It counts by the clock's seconds: two and a half times as many end in the third at the earliest.
        ((ended / 1000) - (began / 1000)).ShouldBeGreaterThanOrEqualTo(Seconds - 1);
        (await flood).ShouldBeGreaterThan(2 * Seconds * PerSecond); // most was dropped
        await HearTrueAsync(lan, ear);
    }

    private static async Task<IAsyncEnumerator<HeardBeacon>> HearingAsync(ShoutingLan lan)
    {
        var ear = BeaconListener.ListenAsync(Cancel).GetAsyncEnumerator(Cancel);
        var first = ear.MoveNextAsync(); // binds before it waits
        lan.Send(ShoutingLan.Bytes(Sound));
        (await first).ShouldBeTrue();
        return ear;
    }

    private static async Task HearTrueAsync(ShoutingLan lan, IAsyncEnumerator<HeardBeacon> ear)
    {
        using var heard = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var shouting = lan.ShoutAsync(Sound, heard.Token);
        while ((await NextAsync(ear)).Beacon != Sound)
        {
            // the rest of the flood, which the system had kept
        }

        await heard.CancelAsync();
        await shouting;
    }

    private static async Task<HeardBeacon> NextAsync(IAsyncEnumerator<HeardBeacon> ear)
    {
        (await ear.MoveNextAsync()).ShouldBeTrue("the listener ended");
        return ear.Current;
    }
}
