using System.Net;
using System.Net.Sockets;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.ComputeNode.Tests.Link;

public sealed class LinkSearchTests
{
    [Fact]
    public async Task A_node_is_welcomed_over_TLS_by_the_pinned_key_whatever_the_certificates_dates_and_names()
    {
        var certificate = FakeLighthouse.NewCertificate();
        await using var lighthouse = await FakeLighthouse.OverTlsAsync(certificate);
        await using var node = LinkFixture.OverTls(certificate, [lighthouse.Address]);

        await node.ToldAsync<Welcome>();

        node.Link.Status.ShouldBe(new LinkStatus(true, lighthouse.Address.Authority, null));
    }

    [Fact]
    public async Task Another_certificate_gets_not_one_request()
    {
        await using var impostor = await FakeLighthouse.OverTlsAsync(FakeLighthouse.NewCertificate());
        await using var node = LinkFixture.OverTls(FakeLighthouse.NewCertificate(), [impostor.Address]);

        await node.ToldAsync<string>(line => line.Contains("shows another certificate"));

        node.Link.Status.Connected.ShouldBeFalse();
        impostor.RequestCount.ShouldBe(0);
    }

    [Fact]
    public async Task Of_several_addresses_the_one_with_the_pinned_key_is_taken_and_noted_as_first()
    {
        var certificate = FakeLighthouse.NewCertificate();
        await using var impostor = await FakeLighthouse.OverTlsAsync(FakeLighthouse.NewCertificate());
        using var mute = new Mute();
        await using var lighthouse = await FakeLighthouse.OverTlsAsync(certificate);
        await using var node = LinkFixture.OverTls(certificate, [mute.Address, impostor.Address, lighthouse.Address]);

        var saved = await node.ToldAsync<IReadOnlyList<string>>();

        saved[0].ShouldBe(lighthouse.Address.GetLeftPart(UriPartial.Authority));
        saved.Count.ShouldBe(3);
        impostor.RequestCount.ShouldBe(0);
    }

    [Fact]
    public async Task Another_pool_behind_the_pinned_key_is_a_refusal()
    {
        var time = new ManualTime();
        var certificate = FakeLighthouse.NewCertificate();
        await using var lighthouse = await FakeLighthouse.OverTlsAsync(certificate);
        await using var node = LinkFixture.OverTls(certificate, [lighthouse.Address], LinkFixture.Options with { PoolId = "pool-2", Time = time });

        (await time.ArmedAsync(TestContext.Current.CancellationToken)).ShouldBe(TimeSpan.FromSeconds(30));

        node.Link.Status.Why.ShouldBe("the Lighthouse there belongs to another pool (pool-1)");
    }

    [Fact]
    public async Task Another_protocol_is_a_refusal_that_says_which_side_to_upgrade()
    {
        var time = new ManualTime();
        var certificate = FakeLighthouse.NewCertificate();
        await using var lighthouse = await FakeLighthouse.OverTlsAsync(certificate);
        lighthouse.Answer = new Welcome(99, "9.0", FakeLighthouse.PoolId, "n1", 1);
        await using var node = LinkFixture.OverTls(certificate, [lighthouse.Address], LinkFixture.Options with { Time = time });

        (await time.ArmedAsync(TestContext.Current.CancellationToken)).ShouldBe(TimeSpan.FromSeconds(30));

        node.Link.Status.Why!.ShouldContain("upgrade akc here");
    }

    [Fact]
    public async Task The_pools_beacon_leads_to_a_Lighthouse_that_moved_at_once()
    {
        var time = new ManualTime(); // nothing but the beacon ends a wait
        var certificate = FakeLighthouse.NewCertificate();
        await using var lighthouse = await FakeLighthouse.OverTlsAsync(certificate);
        using var gone = new Mute();
        gone.Dispose();
        await using var node = LinkFixture.OverTls(
            certificate, [gone.Address], LinkFixture.Options with { Time = time, Jitter = () => 1 },
            async (heard, cancel) =>
            {
                heard(IPAddress.Parse("10.255.255.1"), new Beacon(1, "another pool", "x", lighthouse.Address.Port));
                heard(IPAddress.Loopback.MapToIPv6(), new Beacon(1, FakeLighthouse.PoolId, "x", 0));
                heard(IPAddress.Loopback.MapToIPv6(), new Beacon(1, FakeLighthouse.PoolId, "x", lighthouse.Address.Port));
                await Task.Delay(Timeout.Infinite, cancel);
            });

        var saved = await node.ToldAsync<IReadOnlyList<string>>();
        await node.ToldAsync<Welcome>();

        saved.ShouldBe([$"https://127.0.0.1:{lighthouse.Address.Port}", gone.Address.GetLeftPart(UriPartial.Authority)], ignoreOrder: false);
    }

    [Fact]
    public async Task A_Lighthouse_that_falls_silent_is_left_and_tried_again()
    {
        var certificate = FakeLighthouse.NewCertificate();
        await using var lighthouse = await FakeLighthouse.OverTlsAsync(certificate);
        using var wire = new Wire(lighthouse.Address.Port);
        await using var node = LinkFixture.OverTls(
            certificate, [wire.Address],
            LinkFixture.Options with { PingInterval = TimeSpan.FromMilliseconds(50), PongTimeout = TimeSpan.FromMilliseconds(200) });
        var session = await lighthouse.SessionAsync();
        var reading = session.ReadAsync(); // so that it answers pings
        await node.ToldAsync<Welcome>();

        wire.Cut();
        await node.ToldAsync<string>(line => line == "down");
        wire.Mend();

        (await node.ToldAsync<Welcome>()).Connection.ShouldBe(2);
        session.Abort();
        await Should.ThrowAsync<Exception>(reading);
    }

    /// <summary>Accepts connections and never says a word.</summary>
    private sealed class Mute : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        public Mute()
        {
            listener.Start();
            Address = new Uri("https://" + listener.LocalEndpoint);
        }

        public Uri Address { get; }

        public void Dispose() => listener.Dispose();
    }

    /// <summary>A cable to a port that can be cut: then it passes nothing on and closes nothing.</summary>
    private sealed class Wire : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource end = new();
        private readonly List<TcpClient> ends = [];
        private readonly Task accepting;
        private CancellationTokenSource? cut;

        public Wire(int port)
        {
            listener.Start();
            Address = new Uri("https://" + listener.LocalEndpoint);
            Mend();
            accepting = AcceptAsync(port);
        }

        public Uri Address { get; }

        public void Cut() => cut!.Cancel();

        public void Mend() => cut = new CancellationTokenSource();

        public void Dispose()
        {
            end.Cancel();
            listener.Dispose();
            ends.ForEach(e => e.Dispose());
        }

        private async Task AcceptAsync(int port)
        {
            var copies = new List<Task>();
            try
            {
                while (true)
                {
                    var near = await listener.AcceptTcpClientAsync(end.Token);
                    var far = new TcpClient();
                    ends.AddRange([near, far]);
                    await far.ConnectAsync(IPAddress.Loopback, port, end.Token);
                    copies.Add(CopyAsync(near, far, cut!.Token));
                    copies.Add(CopyAsync(far, near, cut.Token));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(copies);
            }
        }

        private static async Task CopyAsync(TcpClient from, TcpClient to, CancellationToken cancel)
        {
            try
            {
                await from.GetStream().CopyToAsync(to.GetStream(), cancel);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
            {
            }
        }
    }
}
