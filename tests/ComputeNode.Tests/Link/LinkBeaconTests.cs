using AkkaCompute.ComputeNode.Hosting;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Tests;

namespace AkkaCompute.ComputeNode.Tests.Link;

/// <summary>A node that has lost its Lighthouse listens with its real socket, and others shout too.</summary>
public sealed class LinkBeaconTests
{
    /// <summary>Nothing but a beacon ends a wait.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Among_bad_beacons_and_forged_ones_of_its_pool_a_node_finds_the_Lighthouse_by_the_true_one()
    {
        using var lan = new ShoutingLan();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var certificate = FakeLighthouse.NewCertificate();
        await using var impostor = await FakeLighthouse.OverTlsAsync(FakeLighthouse.NewCertificate());
        await using var lighthouse = await FakeLighthouse.OverTlsAsync(certificate);
        await using var node = LinkFixture.OverTls(certificate, [], LinkFixture.Options with { ReconnectMin = Longest, ReconnectMax = Longest }, NodeParts.Real.Ear);

        var forged = Of(impostor.Address);
        var lie = lan.ShoutAsync(forged, stop.Token);
        await node.ToldAsync<string>(line => line.Contains("shows another certificate")).WaitAsync(Longest, stop.Token); // it went there
        foreach (var bad in ShoutingLan.Bad(forged))
        {
            lan.Send(bad);
        }

        var truth = lan.ShoutAsync(Of(lighthouse.Address), stop.Token);
        await node.ToldAsync<Welcome>().WaitAsync(Longest, stop.Token);

        await stop.CancelAsync();
        await Task.WhenAll(lie, truth);
        node.Link.Status.Address.ShouldBe(lighthouse.Address.Authority);
        impostor.RequestCount.ShouldBe(0);
        node.Addresses.Candidates().Count.ShouldBe(2);
    }

    private static Beacon Of(Uri lighthouse) => new(1, FakeLighthouse.PoolId, "raj's pool", lighthouse.Port);
}
