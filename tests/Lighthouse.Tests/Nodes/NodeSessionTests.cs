using System.Text;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Lighthouse.Tests.Api;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Nodes;

/// <summary>The link's protocol over real WebSockets.</summary>
public sealed class NodeSessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_says_hello_is_welcomed_and_listed()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var joined = await edge.JoinAsync("ann", "ann-pc");
        await using var node = await WireNode.OpenAsync(edge, joined.NodeId!, joined.NodeToken!);

        var welcome = await node.GreetAsync();

        (welcome.PoolId, welcome.NodeName, welcome.Protocol).ShouldBe((edge.Ready.PoolId, "ann-pc", ProtocolVersion.Current));
        var listed = (await EdgeUnderTest.GetAsync(edge.Home, Routes.Nodes, ProtocolJson.Default.ListNodeView)).Single();
        (listed.Id, listed.Name, listed.Owner, listed.Address, listed.Status).ShouldBe((joined.NodeId, "ann-pc", "ann", "127.0.0.1", "idle"));
    }

    [Fact]
    public async Task Each_connection_has_a_higher_number_and_ends_the_one_before()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var (id, token) = await edge.LocalNodeAsync();
        await using var first = await WireNode.OpenAsync(edge, id, token);
        await using var second = await WireNode.OpenAsync(edge, id, token);
        var before = (await first.GreetAsync()).Connection;

        (await second.GreetAsync()).Connection.ShouldBeGreaterThan(before);

        (await first.ClosedAsync())!.ShouldContain("newer connection");
    }

    [Fact]
    public async Task Another_protocol_is_refused_with_what_to_do()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var (id, token) = await edge.LocalNodeAsync();
        await using var node = await WireNode.OpenAsync(edge, id, token);

        await node.SendAsync(new Hello(ProtocolVersion.Current + 1, "9", "boot-1", WireNode.Offer, WireNode.Idle, []));

        (await node.NextAsync<Refused>()).Reason.ShouldContain("upgrade akc");
        await node.ClosedAsync();
        (await EdgeUnderTest.GetAsync(edge.Home, Routes.Nodes, ProtocolJson.Default.ListNodeView)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"kind":"heartbeat"}]""")]
    [InlineData("""[{"kind":"hello","protocol":1,"version":"1","bootId":"b"}]""")]
    [InlineData("""{"kind":"hello"}""")]
    [InlineData("nonsense")]
    public async Task What_is_no_hello_is_refused(string text)
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var (id, token) = await edge.LocalNodeAsync();
        await using var node = await WireNode.OpenAsync(edge, id, token);

        await node.SendTextAsync(text);

        (await node.NextAsync<Refused>()).Reason.ShouldContain("can't read this node");
        (await node.ClosedAsync())!.ShouldStartWith("the Lighthouse can't read this node"); // as far as a close has room
    }

    [Fact]
    public async Task Who_says_nothing_is_closed_with_the_reason()
    {
        await using var edge = await EdgeUnderTest.StartAsync(
            configure: times => times with { Session = times.Session with { Hello = TimeSpan.FromMilliseconds(200) } });
        var (id, token) = await edge.LocalNodeAsync();
        await using var node = await WireNode.OpenAsync(edge, id, token);

        (await node.ClosedAsync())!.ShouldStartWith("no hello came within");
    }

    [Fact]
    public async Task Why_a_session_ends_is_one_line_for_logs()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);

        await node.SendTextAsync("[\u001b]");

        (await node.ClosedAsync())!.ShouldNotContain('\u001b');
    }

    [Fact]
    public async Task A_task_runs_from_submit_over_the_wire_to_its_result()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit())).Job;
        using var changes = edge.Pool.Feed.Subscribe(job.Id);
        var attempt = (await node.AssignedAsync()).Single();
        await node.OutputAsync(job.Id, attempt, 0, "one", "two");

        await node.FinishAsync(job.Id, attempt, exitCode: 7, segments: 2, bytes: 6);

        (await node.NextAsync<LinkAck>()).Message.Attempts.ShouldBe([attempt]);
        var view = await EdgeUnderTest.GetAsync(edge.Home, Routes.Job(job.Id), ProtocolJson.Default.JobView);
        (view.State, view.ExitCode).ShouldBe(("failed", 7));
        (await TextAsync(edge, job.Id, attempt)).ShouldBe("onetwo");
    }

    [Theory]
    [InlineData("""[{"kind":"report","message":null}]""")]
    [InlineData("""[{"kind":"report","message":{"jobId":"abc","nodeId":"another","bootId":"boot-1","connection":1,"attempts":[]}}]""")]
    [InlineData("""[{"kind":"finished","message":{"jobId":"ABC","attempt":{"task":0,"attempt":1},"nodeId":"SELF","bootId":"boot-1"}}]""")]
    [InlineData("""[{"kind":"finished","message":{"jobId":"abc","attempt":{"task":0,"attempt":1},"nodeId":"SELF","bootId":"boot-2","outcome":{"cause":"Exited"},"produced":{}}}]""")]
    [InlineData("""[{"kind":"finished","message":{"jobId":"abc","attempt":{"task":-1,"attempt":1},"nodeId":"SELF","bootId":"boot-1","outcome":{"cause":"Exited"},"produced":{}}}]""")]
    [InlineData("""[{"kind":"finished","message":{"jobId":"abc","attempt":{"task":0,"attempt":1},"nodeId":"SELF","bootId":"boot-1","outcome":{"cause":99},"produced":{}}}]""")]
    [InlineData("""[{"kind":"heartbeat"}]""")]
    [InlineData("""[{"kind":"welcome"}]""")]
    [InlineData("""[{"kind":"no such kind"}]""")]
    [InlineData("""[null]""")]
    [InlineData("""{}""")]
    [InlineData("[")]
    public async Task What_a_node_may_not_say_ends_its_session_with_the_reason(string text)
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);

        await node.SendTextAsync(text.Replace("SELF", node.Id));

        (await node.ClosedAsync())!.ShouldContain("it sent");
    }

    [Fact]
    public async Task Bytes_that_are_no_segment_end_the_session()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        await node.SendBytesAsync(new byte[40]);
        (await node.ClosedAsync())!.ShouldContain("segment");

        await using var again = await WireNode.ConnectAsync(edge);
        await again.SendBytesAsync(new byte[200_000]);
        (await again.ClosedAsync())!.ShouldContain("more than");
    }

    [Fact]
    public async Task Output_of_an_attempt_that_is_not_the_nodes_is_not_stored()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var joined = await edge.JoinAsync("eve", "eve-pc");
        await using var eve = await WireNode.OpenAsync(edge, joined.NodeId!, joined.NodeToken!);
        await eve.GreetAsync();
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(node: "raj-pc"))).Job;
        var attempt = (await node.AssignedAsync()).Single();

        await eve.SendAsync(new SegmentFrame(job.Id, attempt, 0, 1, "forged"u8.ToArray()));
        await eve.SendAsync(new SegmentFrame("nosuchjob", attempt, 0, 1, "forged"u8.ToArray()));

        (await eve.NextAsync<LinkStop>()).Message.Attempts.ShouldBe([attempt]);
        (await eve.NextAsync<LinkStop>()).Message.Attempts.ShouldBe([attempt]);
        (await TextAsync(edge, job.Id, attempt)).ShouldBeEmpty();
        await node.OutputAsync(job.Id, attempt, 0, "real");
        (await TextAsync(edge, job.Id, attempt)).ShouldBe("real");
    }

    [Fact]
    public async Task Segments_sent_again_after_a_reconnect_are_stored_once()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var (id, token) = await edge.LocalNodeAsync();
        await using var before = await WireNode.OpenAsync(edge, id, token);
        await before.GreetAsync();
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit())).Job;
        var attempt = (await before.AssignedAsync()).Single();
        await before.OutputAsync(job.Id, attempt, 0, "a", "b");
        before.Abort();
        await using var after = await WireNode.OpenAsync(edge, id, token);
        await after.GreetAsync();

        await after.OutputAsync(job.Id, attempt, 1, "b", "c");

        (await TextAsync(edge, job.Id, attempt)).ShouldBe("abc");
    }

    [Fact]
    public async Task More_output_than_is_on_its_way_at_once_arrives_whole()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit())).Job;
        var attempt = (await node.AssignedAsync()).Single();
        var segments = (int)(3L * SegmentIntake.UnflushedBytesMax / SegmentFrame.BytesMax);
        var sending = Task.Run(
            async () =>
            {
                for (var i = 0; i < segments; i++)
                {
                    var bytes = new byte[SegmentFrame.BytesMax];
                    Array.Fill(bytes, (byte)i);
                    await node.SendAsync(new SegmentFrame(job.Id, attempt, i, 1 + i % 2, bytes));
                }
            },
            Cancel);

        while ((await node.NextAsync<SegmentsAcked>()).Next < segments)
        {
        }

        await sending;
        var next = 0;
        await foreach (var segment in edge.Pool.Outputs.ReadAsync(job.Id, attempt, 0, Cancel))
        {
            segment.Segment.ShouldBe(next);
            segment.Stream.ShouldBe(1 + next % 2);
            segment.Bytes.Span.IndexOfAnyExcept((byte)next).ShouldBe(-1);
            next++;
        }

        next.ShouldBe(segments);
    }

    [Fact]
    public async Task A_node_that_is_silent_is_closed_and_one_that_beats_is_not()
    {
        await using var edge = await EdgeUnderTest.StartAsync(silent: TimeSpan.FromMilliseconds(300));
        await using var node = await WireNode.ConnectAsync(edge);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMilliseconds(900))
        {
            await node.SendAsync(new Heartbeat(null, WireNode.Idle, []));
            await Task.Yield();
        }

        await Should.ThrowAsync<System.Net.WebSockets.WebSocketException>(node.ClosedAsync);
    }

    [Fact]
    public async Task A_goodbye_is_heard()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);

        await node.SendAsync(new Goodbye());

        (await node.ClosedAsync()).ShouldBe("");
        (await EdgeUnderTest.GetAsync(edge.Home, Routes.Nodes, ProtocolJson.Default.ListNodeView)).ShouldAllBe(n => n.Status == "offline");
    }

    [Fact]
    public async Task A_Lighthouse_that_ends_closes_its_sessions_and_does_not_wait_for_them()
    {
        var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var watch = System.Diagnostics.Stopwatch.StartNew();

        var ending = edge.DisposeAsync();

        (await node.ClosedAsync())!.ShouldContain("the Lighthouse ends");
        await ending;
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    private static async Task<string> TextAsync(EdgeUnderTest edge, string job, AttemptRef attempt)
    {
        var text = new StringBuilder();
        await foreach (var segment in edge.Pool.Outputs.ReadAsync(job, attempt, 0, Cancel))
        {
            text.Append(Encoding.UTF8.GetString(segment.Bytes.Span));
        }

        return text.ToString();
    }
}
