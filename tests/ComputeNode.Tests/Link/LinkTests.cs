using System.Text;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Tests.Link;

public sealed class LinkTests : IDisposable
{
    private readonly TempFolder folder = new();

    private string SocketPath => folder["l.sock"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_node_says_hello_over_the_homes_socket_and_is_welcomed()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        await using var node = LinkFixture.OverSocket(SocketPath);

        var session = await lighthouse.SessionAsync();
        var welcome = await node.ToldAsync<Welcome>();
        var ready = await node.ToldAsync<LinkReady>();

        session.Hello.BootId.ShouldBe("boot1");
        session.Hello.Offer.Capacity.ShouldBe(LinkFixture.Offer.Capacity);
        session.Hello.Usage.CpuTotal.ShouldBe(0.5);
        welcome.Connection.ShouldBe(1);
        ready.Reconnected.ShouldBeTrue();
        node.Link.Status.Connected.ShouldBeTrue();
    }

    [Fact]
    public async Task A_heartbeat_carries_the_offer_only_when_it_changed()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        await using var node = LinkFixture.OverSocket(SocketPath, LinkFixture.Options with { Heartbeat = TimeSpan.FromMilliseconds(20) });
        var session = await lighthouse.SessionAsync();

        var unchanged = await session.NextAsync<Heartbeat>();
        node.Report = node.Report with { Offer = LinkFixture.Offer with { CpuModel = "Z80" }, Held = [new HeldLease("l1", "j1", 3, Resources.None)] };
        Heartbeat changed;
        do
        {
            changed = await session.NextAsync<Heartbeat>();
        }
        while (changed.Held.Count == 0);
        var after = await session.NextAsync<Heartbeat>();

        unchanged.Offer.ShouldBeNull();
        changed.Offer!.CpuModel.ShouldBe("Z80");
        after.Offer.ShouldBeNull();
        after.Held[0].ShouldBe(new HeldLease("l1", "j1", 3, Resources.None));
    }

    [Fact]
    public async Task What_the_Lighthouse_sends_is_handed_on_in_order()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        await using var node = LinkFixture.OverSocket(SocketPath);
        var session = await lighthouse.SessionAsync();

        await session.SendAsync(new LinkStop(new StopAttempts("j1", [new(0, 1)], "x")), new LinkAck(new ResultAck("j2", [new(5, 2)])));
        await session.SendAsync(new SegmentsAcked("j3", new(1, 1), 7));

        (await node.ToldAsync<LinkMessage>(m => m is not Welcome)).ShouldBeOfType<LinkStop>().Message.Attempts[0].ShouldBe(new AttemptRef(0, 1));
        (await node.ToldAsync<LinkMessage>()).ShouldBeOfType<LinkAck>().Message.JobId.ShouldBe("j2");
        (await node.ToldAsync<LinkMessage>()).ShouldBeOfType<SegmentsAcked>().Next.ShouldBe(7);
    }

    [Fact]
    public async Task Messages_that_gathered_go_as_one_array_and_segments_arrive_whole()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        await using var node = LinkFixture.OverSocket(SocketPath);
        var session = await lighthouse.SessionAsync();
        await node.ToldAsync<LinkReady>();

        for (var i = 0; i < 500; i++)
        {
            node.Link.Post(new LinkReturned(new AttemptsReturned("j1", "n1", "boot1", [new(i, 1)])));
        }

        var tasks = new List<int>();
        var arrays = 0;
        while (tasks.Count < 500)
        {
            tasks.AddRange((await session.ReadAsync())!.OfType<LinkReturned>().Select(r => r.Message.Attempts[0].Task));
            arrays++;
        }

        var bytes = new byte[SegmentFrame.BytesMax];
        Random.Shared.NextBytes(bytes);
        node.Link.TrySend(new SegmentFrame("j1", new(3, 1), 9, 2, bytes)).ShouldBeTrue();
        while (session.Segment is null)
        {
            await session.ReadAsync();
        }

        tasks.ShouldBe(Enumerable.Range(0, 500));
        arrays.ShouldBeLessThan(400);
        (session.Segment.Value.JobId, session.Segment.Value.Attempt, session.Segment.Value.Segment, session.Segment.Value.Stream).ShouldBe(("j1", new AttemptRef(3, 1), 9, 2));
        session.Segment.Value.Bytes.ToArray().ShouldBe(bytes);
    }

    [Fact]
    public async Task Output_is_turned_away_while_the_Lighthouse_does_not_read_and_wanted_again_after()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        await using var node = LinkFixture.OverSocket(SocketPath);
        node.Link.TrySend(new SegmentFrame("j1", new(0, 1), 0, 1, new byte[1])).ShouldBeFalse("it is not connected yet");
        var session = await lighthouse.SessionAsync();
        await node.ToldAsync<LinkReady>();

        var sent = 0;
        while (node.Link.TrySend(new SegmentFrame("j1", new(0, 1), sent, 1, new byte[SegmentFrame.BytesMax])))
        {
            sent++;
        }

        var ready = node.ToldAsync<LinkReady>();
        ready.IsCompleted.ShouldBeFalse();
        var next = 0;
        while (next < sent)
        {
            await session.ReadAsync();
            if (session.Segment is { } segment)
            {
                segment.Segment.ShouldBe(next++);
            }
        }

        (await ready).Reconnected.ShouldBeFalse();
        node.Link.TrySend(new SegmentFrame("j1", new(0, 1), sent, 1, new byte[1])).ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_comes_back_when_the_connection_breaks_and_nothing_old_is_sent()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        await using var node = LinkFixture.OverSocket(SocketPath);
        var first = await lighthouse.SessionAsync();
        await node.ToldAsync<LinkReady>();

        first.Abort();
        await node.ToldAsync<string>(line => line == "down");
        node.Link.Post(new LinkReturned(new AttemptsReturned("lost", "n1", "boot1", [new(0, 1)])));
        var second = await lighthouse.SessionAsync();
        (await node.ToldAsync<Welcome>()).Connection.ShouldBe(2);
        await node.ToldAsync<LinkReady>();
        node.Link.Post(new LinkReturned(new AttemptsReturned("kept", "n1", "boot1", [new(0, 1)])));

        second.Hello.BootId.ShouldBe("boot1");
        (await second.NextAsync<LinkReturned>()).Message.JobId.ShouldBe("kept");
    }

    [Fact]
    public async Task A_node_finds_a_Lighthouse_that_starts_later()
    {
        await using var node = LinkFixture.OverSocket(SocketPath);
        await node.ToldAsync<string>(line => line.Contains("no Lighthouse"));
        node.Link.Status.Why.ShouldBe("no Lighthouse listens at this home's socket: is it up ('akc up' there)?");

        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        await lighthouse.SessionAsync();

        (await node.ToldAsync<Welcome>()).NodeName.ShouldBe("n1");
    }

    [Fact]
    public async Task Waits_between_tries_double_up_to_two_seconds_with_full_jitter()
    {
        var time = new ManualTime();
        var cancel = TestContext.Current.CancellationToken;
        var draws = 0;
        await using var node = LinkFixture.OverSocket(
            SocketPath, new LinkOptions(FakeLighthouse.PoolId, FakeLighthouse.Token, "boot1") { Time = time, Jitter = () => ++draws == 8 ? 0.5 : 1 });

        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var wait = await time.ArmedAsync(cancel);
            waits.Add(wait.TotalSeconds);
            time.Advance(wait);
        }

        waits.ShouldBe([0.1, 0.2, 0.4, 0.8, 1.6, 2, 2, 1]);
    }

    [Fact]
    public async Task A_refusal_is_told_and_tried_again_only_after_thirty_seconds()
    {
        var time = new ManualTime();
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        lighthouse.Answer = new Refused("the name n1 is taken: join again with --name\u001b[31m");
        await using var node = LinkFixture.OverSocket(SocketPath, LinkFixture.Options with { Time = time });

        (await time.ArmedAsync(TestContext.Current.CancellationToken)).ShouldBe(TimeSpan.FromSeconds(30));
        node.Link.Status.ShouldBe(new LinkStatus(false, null, "the Lighthouse refuses this node: the name n1 is taken: join again with --name [31m"));
        (await lighthouse.SessionAsync()).Abort();
        lighthouse.Answer = null;
        time.Advance(TimeSpan.FromSeconds(30));
        await lighthouse.SessionAsync();

        (await node.ToldAsync<Welcome>()).Connection.ShouldBe(1);
    }

    [Fact]
    public async Task A_revoked_token_is_told_and_tried_again_only_after_thirty_seconds()
    {
        var time = new ManualTime();
        var certificate = FakeLighthouse.NewCertificate();
        await using var lighthouse = await FakeLighthouse.OverTlsAsync(certificate);
        await using var node = LinkFixture.OverTls(certificate, [lighthouse.Address], LinkFixture.Options with { Token = "revoked", Time = time });

        (await time.ArmedAsync(TestContext.Current.CancellationToken)).ShouldBe(TimeSpan.FromSeconds(30));

        node.Link.Status.Why!.ShouldContain("join again with a new code");
        node.Link.Status.Why!.ShouldNotContain("revoked");
    }

    [Theory]
    [InlineData("""[{"kind":"selfDestruct"}]""")]
    [InlineData("""{"kind":"goodbye"}""")]
    [InlineData("""[null]""")]
    [InlineData("""[{"kind":"assign","message":{"lease":null,"taskCount":1,"tasks":[]}}]""")]
    [InlineData("""[{"kind":"stop","message":{"jobId":"../etc","attempts":[],"reason":""}}]""")]
    [InlineData("""[{"kind":"ack"}]""")]
    [InlineData("""[{"kind":"goodbye"}]""")]
    [InlineData("not json")]
    public async Task What_no_Lighthouse_sends_ends_the_session_and_reaches_nobody(string text)
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        await using var node = LinkFixture.OverSocket(SocketPath);
        var session = await lighthouse.SessionAsync();

        await session.SendTextAsync(Encoding.UTF8.GetBytes(text));
        var told = await node.ToldAsync<object>(o => o is LinkMessage and not Welcome or "down");

        told.ShouldBe("down");
        (await lighthouse.SessionAsync()).Hello.BootId.ShouldBe("boot1");
    }

    [Fact]
    public async Task A_goodbye_comes_after_all_that_was_posted_and_ends_the_link()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        await using var node = LinkFixture.OverSocket(SocketPath);
        var session = await lighthouse.SessionAsync();
        await node.ToldAsync<LinkReady>();

        node.Link.Post(new LinkReturned(new AttemptsReturned("j1", "n1", "boot1", [new(0, 1)])));
        node.Link.Leave();
        var messages = new List<LinkMessage>();
        while (messages is not [.., Goodbye])
        {
            messages.AddRange((await session.ReadAsync())!);
        }

        await node.Running.WaitAsync(TestContext.Current.CancellationToken);
        messages.Where(m => m is not Heartbeat).Select(m => m.GetType()).ShouldBe([typeof(LinkReturned), typeof(Goodbye)]);
    }
}
