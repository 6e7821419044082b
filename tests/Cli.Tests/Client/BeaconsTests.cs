using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Tests;

namespace AkkaCompute.Cli.Tests.Client;

/// <summary>What <c>akc</c> hears on a real socket while others shout whatever they like.</summary>
public sealed class BeaconsTests
{
    private static readonly Beacon True = new(1, "pool-1", "raj", 7420);

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1); // the pool ends the wait

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_pool_that_is_sought_is_heard_in_a_flood_of_others()
    {
        using var lan = new ShoutingLan();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var hearing = Beacons.HearAsync(Long, True.PoolId, Cancel);

        var flood = lan.FloodAsync(n => n % 50 == 49 ? ShoutingLan.Bytes(True) : ShoutingLan.Bytes(True with { PoolId = $"forged-{n}" }), stop.Token);

        (await hearing).ShouldBe([new HeardLighthouse("pool-1", "raj", new Uri("https://127.0.0.1:7420"))]);
        await stop.CancelAsync();
        await flood;
    }

    [Fact]
    public async Task Of_all_that_is_shouted_no_more_than_the_limit_is_taken_down()
    {
        using var lan = new ShoutingLan();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var hearing = Beacons.HearAsync(TimeSpan.FromSeconds(1), null, Cancel);
        foreach (var bad in ShoutingLan.Bad(True))
        {
            lan.Send(bad);
        }

        var flood = lan.FloodAsync(n => ShoutingLan.Bytes(True with { PoolId = $"forged-{n}" }), stop.Token);
        var list = await hearing;

        list.Count.ShouldBe(Beacons.Max);
        list.ShouldBeUnique();
        await stop.CancelAsync();
        await flood;
    }
}
