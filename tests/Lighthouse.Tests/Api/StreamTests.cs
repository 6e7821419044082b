using System.Net;
using AkkaCompute.Lighthouse.Api.Streams;
using AkkaCompute.Lighthouse.Tests.Nodes;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Api;

/// <summary>Streams of real jobs whose node is played over a real link.</summary>
public sealed class StreamTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Output_comes_while_the_task_runs_and_its_end_comes_last()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge);
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job);
        var attempt = (await node.AssignedAsync()).Single();

        (await stream.NextAsync()).ShouldBe("began 0.1");
        await node.OutputAsync(job, attempt, 0, "one");
        (await stream.NextAsync()).ShouldBe("0.1.0 out one");
        await node.OutputAsync(job, attempt, 1, "two");
        (await stream.NextAsync()).ShouldBe("0.1.1 out two");
        await node.FinishAsync(job, attempt, segments: 2, bytes: 9, inline: new InlineOutput([new(2, "end"u8.ToArray())]));

        (await stream.RestAsync()).ShouldBe(["0.1.2 err end", "done 0.1 succeeded", "succeeded"]);
    }

    [Fact]
    public async Task The_first_frame_is_the_job_and_the_last_alone_is_its_end()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge);
        await using (var stream = await JobStreamReader.OpenAsync(edge.Home, job))
        {
            var first = await stream.FrameAsync();
            first!.Value.Kind.ShouldBe(StreamFrameKind.Job);
            JobStreamReader.View(first.Value).Id.ShouldBe(job);
            await node.FinishAsync(job, (await node.AssignedAsync()).Single());
            (await stream.RestAsync())[^1].ShouldBe("succeeded");
        }

        // Of a job that has ended the end is the last frame too: clients stop there.
        await using var late = await JobStreamReader.OpenAsync(edge.Home, job);
        (await late.RestAsync()).ShouldBe(["began 0.1", "done 0.1 succeeded", "succeeded"]);
    }

    [Fact]
    public async Task A_replaced_attempt_is_named_and_the_new_one_prints_from_its_start()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var (id, token) = await edge.LocalNodeAsync();
        await using var before = await WireNode.OpenAsync(edge, id, token, "boot-1");
        await before.GreetAsync();
        var job = await SubmitAsync(edge);
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job);
        var lost = (await before.AssignedAsync()).Single();
        await before.OutputAsync(job, lost, 0, "lost");
        (await stream.NextAsync()).ShouldBe("began 0.1");
        (await stream.NextAsync()).ShouldBe("0.1.0 out lost");

        before.Abort();
        await using var after = await WireNode.OpenAsync(edge, id, token, "boot-2");
        await after.GreetAsync();
        var again = (await after.AssignedAsync()).Single();
        await after.OutputAsync(job, again, 0, "kept");
        await after.FinishAsync(job, again, segments: 1, bytes: 4);

        (await stream.RestAsync()).ShouldBe(["began 0.2 replaces 1", "0.2.0 out kept", "done 0.2 succeeded", "succeeded"]);
    }

    /// <summary>Into a pipe, too, where the output of a task comes when it has its result.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("?mode=ordered")]
    public async Task A_failure_is_told_when_the_task_is_tried_again(string query)
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit() with { RetriesMax = 1 })).Job.Id;
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job, query);
        await node.FinishAsync(job, (await node.AssignedAsync()).Single(), exitCode: 7);

        string? next;
        while ((next = await stream.NextAsync())?.StartsWith("began", StringComparison.Ordinal) == true)
        {
        }

        next.ShouldBe("failed 0.1 exited with 7, again in 1 s");
        await node.FinishAsync(job, (await node.AssignedAsync()).Single());
        (await stream.RestAsync()).ShouldNotContain(line => line!.StartsWith("failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_attempt_that_wins_though_it_was_replaced_prints_from_its_start()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var slow = await WireNode.ConnectAsync(edge, "slow");
        var job = await SubmitAsync(edge);
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job);
        var first = (await slow.AssignedAsync()).Single();
        await slow.OutputAsync(job, first, 0, "slow but first");
        slow.Abort(); // longer than its grace: the task is placed elsewhere
        var joined = await edge.JoinAsync("ann", "quick");
        await using var quick = await WireNode.OpenAsync(edge, joined.NodeId!, joined.NodeToken!);
        await quick.GreetAsync();
        var second = (await quick.AssignedAsync()).Single();
        await quick.OutputAsync(job, second, 0, "quick");
        (await stream.NextAsync()).ShouldBe("began 0.1");
        (await stream.NextAsync()).ShouldBe("0.1.0 out slow but first");
        (await stream.NextAsync()).ShouldBe("began 0.2 replaces 1");
        (await stream.NextAsync()).ShouldBe("0.2.0 out quick");

        edge.Pool.Send(new(Protocol.Machines.Address.Job(job), new TaskFinished(
            job, first, slow.Id, "boot-1", new Outcome(EndCause.Exited, 0, null, 1, 1, 1), new Produced(1, 14, null))));

        (await stream.RestAsync()).ShouldBe(["began 0.1 replaces 2", "0.1.0 out slow but first", "done 0.1 succeeded", "succeeded"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?mode=ordered")]
    public async Task Output_that_is_lost_breaks_the_stream_and_is_logged(string query)
    {
        using var log = new TestLog();
        await using var edge = await EdgeUnderTest.StartAsync(log: log);
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge);
        var attempt = (await node.AssignedAsync()).Single();
        await node.OutputAsync(job, attempt, 0, "one", "two");
        await node.FinishAsync(job, attempt, segments: 2, bytes: 6);
        await using (var whole = await JobStreamReader.OpenAsync(edge.Home, job, query))
        {
            (await whole.RestAsync())[^1].ShouldBe("succeeded");
        }

        File.Delete(Path.Combine(edge.Folder, "lighthouse", "outputs", job, "0-1.seg"));

        await Should.ThrowAsync<Exception>(async () =>
        {
            await using var broken = await JobStreamReader.OpenAsync(edge.Home, job, query);
            (await broken.RestAsync()).ShouldNotContain("succeeded");
        });
        log.Lines.ShouldContain(line => line.StartsWith("Error 4002 ", StringComparison.Ordinal) && line.Contains($"output of job {job}, task 0"));

        // A client that comes again has nothing half sent to it: it is told.
        var again = Routes.Stream(job) + (query.Length == 0 ? "?" : query + "&") + "from=0.1.0";
        using var reply = await edge.Home.GetAsync(again, Cancel);
        (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.InternalServerError)).Detail.ShouldContain("is missing or damaged");
    }

    [Fact]
    public async Task A_query_that_is_too_long_for_a_line_goes_as_a_body()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge, tasks: 100_000);
        foreach (var attempt in await node.AssignedAsync())
        {
            await node.FinishAsync(job, attempt);
        }

        // Every second one of those that the client has; it asks for all that there is of the others now.
        var query = "mode=ordered&follow=false&skip=" + string.Join(',', Enumerable.Range(0, 50_000).Select(i => 2 * i));
        query.Length.ShouldBeGreaterThan(Routes.RequestLineBytesMax);
        await node.NextAsync<LinkAck>();
        using var body = new StringContent(query, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, Routes.Stream(job)) { Content = body };
        using var reply = await edge.Home.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        await using var stream = await JobStreamReader.ReadAsync(reply, job);
        var frames = await stream.RestAsync();

        frames.ShouldAllBe(frame => !frame.StartsWith("done 0.", StringComparison.Ordinal) && !frame.StartsWith("done 2.", StringComparison.Ordinal));
        using var nonsense = await edge.Home.PostAsync(Routes.Stream(job), new StringContent("skip=9-1"), Cancel);
        (await EdgeUnderTest.ProblemAsync(nonsense, HttpStatusCode.BadRequest)).Detail.ShouldContain("skip");
    }

    [Fact]
    public async Task A_client_that_goes_away_is_no_error()
    {
        using var log = new TestLog();
        await using var edge = await EdgeUnderTest.StartAsync(log: log);
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge);
        var attempt = (await node.AssignedAsync()).Single();
        await using (var stream = await JobStreamReader.OpenAsync(edge.Home, job))
        {
            (await stream.NextAsync()).ShouldBe("began 0.1");
        }

        await node.OutputAsync(job, attempt, 0, "one", "two");
        await node.FinishAsync(job, attempt, segments: 2, bytes: 6);
        await using var late = await JobStreamReader.OpenAsync(edge.Home, job);
        await late.RestAsync();

        log.Lines.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ordered_gives_whole_tasks_by_index_whatever_order_they_end_in()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge, tasks: 3);
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job, "?mode=ordered");
        var attempts = await AssignedAsync(node, 3);

        foreach (var task in new[] { 2, 0, 1 })
        {
            await node.FinishAsync(job, attempts[task], bytes: 1, inline: new InlineOutput([new(1, [(byte)('a' + task)])]));
        }

        (await stream.RestAsync()).ShouldBe(
        [
            "began 0.1", "0.1.0 out a", "done 0.1 succeeded", "began 1.1", "1.1.0 out b", "done 1.1 succeeded",
            "began 2.1", "2.1.0 out c", "done 2.1 succeeded", "succeeded",
        ]);
    }

    [Fact]
    public async Task Ordered_sends_a_task_as_soon_as_those_before_it_are_done()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge, tasks: 2);
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job, "?mode=ordered");
        var attempts = await AssignedAsync(node, 2);
        await node.FinishAsync(job, attempts[0]);

        (await stream.NextAsync()).ShouldBe("began 0.1");
        (await stream.NextAsync()).ShouldBe("done 0.1 succeeded");

        await node.FinishAsync(job, attempts[1]);
        (await stream.RestAsync()).ShouldBe(["began 1.1", "done 1.1 succeeded", "succeeded"]);
    }

    [Theory]
    [InlineData("live")]
    [InlineData("ordered")]
    public async Task A_client_goes_on_where_it_was(string mode)
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge, tasks: 4);
        var attempts = await AssignedAsync(node, 4);
        foreach (var attempt in attempts.Values)
        {
            await node.OutputAsync(job, attempt, 0, "a", "b");
            await node.FinishAsync(job, attempt, segments: 2, bytes: 2);
        }

        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job, $"?mode={mode}&skip=0,3&from=1.1.1,2.7.1");

        (await stream.RestAsync()).ShouldBe(
        [
            "1.1.1 out b", "done 1.1 succeeded", // the same attempt: from there
            "began 2.1 replaces 7", "2.1.0 out a", "2.1.1 out b", "done 2.1 succeeded", // another one: anew
            "succeeded",
        ]);
    }

    [Fact]
    public async Task Without_follow_it_ends_at_what_there_is()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge, tasks: 2);
        var attempts = await AssignedAsync(node, 2);
        await node.OutputAsync(job, attempts[0], 0, "so far");
        await node.FinishAsync(job, attempts[1]);
        await node.NextAsync<LinkAck>();

        await using var live = await JobStreamReader.OpenAsync(edge.Home, job, "?follow=false");
        await using var ordered = await JobStreamReader.OpenAsync(edge.Home, job, "?follow=false&mode=ordered");

        (await live.RestAsync()).ShouldBe(["began 1.1", "done 1.1 succeeded", "began 0.1", "0.1.0 out so far"]);
        (await ordered.RestAsync()).ShouldBe(["began 1.1", "done 1.1 succeeded"]);
    }

    [Theory]
    [InlineData("live", "began 0.1", "0.1.0 out printed", "cancelled")]
    [InlineData("ordered", "cancelled")]
    public async Task A_cancelled_job_ends_its_stream(string mode, params string[] frames)
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge, tasks: 30);
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job, $"?mode={mode}&skip=1-29");
        var attempts = await AssignedAsync(node, 4);
        await node.OutputAsync(job, attempts[0], 0, "printed");

        using var cancel = await edge.Home.PostAsync(Routes.Cancel(job), null, Cancel);

        (await stream.RestAsync()).ShouldBe(frames);
    }

    [Fact]
    public async Task Many_tasks_and_much_output_come_whole()
    {
        const int Tasks = 500;
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge, Tasks);
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job);
        var running = Task.Run(
            async () =>
            {
                for (var done = 0; done < Tasks;)
                {
                    foreach (var attempt in await node.AssignedAsync())
                    {
                        await node.FinishAsync(job, attempt, bytes: 4, inline: new InlineOutput([new(1, BitConverter.GetBytes(attempt.Task))]));
                        done++;
                    }
                }
            },
            Cancel);

        var frames = await stream.RestAsync();

        await running;
        frames.Count(f => f.StartsWith("done", StringComparison.Ordinal)).ShouldBe(Tasks);
        frames.Count(f => f.StartsWith("began", StringComparison.Ordinal)).ShouldBe(Tasks);
        frames.Count(f => f.Contains(" out ", StringComparison.Ordinal)).ShouldBe(Tasks);
        frames.Distinct().Count().ShouldBe(frames.Count);
        frames[^1].ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_slow_reader_gets_every_byte_of_a_large_output()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge);
        var attempt = (await node.AssignedAsync()).Single();
        const int Segments = 400; // 25 MiB
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job);
        for (var i = 0; i < Segments; i++)
        {
            var bytes = new byte[SegmentFrame.BytesMax];
            BitConverter.TryWriteBytes(bytes, i);
            await node.SendAsync(new SegmentFrame(job, attempt, i, 1, bytes));
        }

        while ((await node.NextAsync<SegmentsAcked>()).Next < Segments)
        {
        }

        await node.FinishAsync(job, attempt, segments: Segments, bytes: Segments * SegmentFrame.BytesMax);
        var next = 0;
        while (await stream.FrameAsync() is { } frame)
        {
            if (frame.Kind == StreamFrameKind.Output)
            {
                var segment = frame.ReadOutput(job);
                (segment.Segment, BitConverter.ToInt32(segment.Bytes.Span)).ShouldBe((next, next));
                next++;
            }
        }

        next.ShouldBe(Segments);
    }

    [Fact]
    public async Task Pings_come_when_there_is_nothing_else()
    {
        var time = new ManualTime();
        await using var edge = await EdgeUnderTest.StartAsync(time);
        var job = await SubmitAsync(edge);
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job);
        (await stream.FrameAsync())!.Value.Kind.ShouldBe(StreamFrameKind.Job);

        var frame = stream.FrameAsync();
        while (!frame.IsCompleted)
        {
            time.Advance(StreamPulse.PingEvery); // until the stream has set its timer, and past it
            await Task.Yield();
        }

        (await frame)!.Value.Kind.ShouldBe(StreamFrameKind.Ping);
    }

    [Fact]
    public async Task A_Lighthouse_that_ends_breaks_its_streams_off()
    {
        var edge = await EdgeUnderTest.StartAsync();
        var job = await SubmitAsync(edge);
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job);
        await stream.FrameAsync();
        var watch = System.Diagnostics.Stopwatch.StartNew();

        await edge.Server.DisposeAsync();

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        await Should.ThrowAsync<IOException>(stream.RestAsync); // no end that looks like the job's
        await edge.Pool.DisposeAsync();
    }

    [Theory]
    [InlineData("?mode=backwards")]
    [InlineData("?follow=maybe")]
    [InlineData("?skip=5-3")]
    [InlineData("?skip=x")]
    [InlineData("?from=1.2")]
    [InlineData("?from=1.2.x")]
    public async Task What_can_not_be_asked_is_a_bad_request(string query)
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var job = await SubmitAsync(edge);
        using var reply = await edge.Home.GetAsync(Routes.Stream(job) + query, Cancel);
        await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_large_job_that_is_cancelled_ends_at_once_whatever_never_ran()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var job = await SubmitAsync(edge, tasks: JobSpec.TaskCountMax);
        await using var stream = await JobStreamReader.OpenAsync(edge.Home, job);
        await node.AssignedAsync();
        (await stream.NextAsync()).ShouldStartWith("began ");

        (await edge.Home.PostAsync(Routes.Cancel(job), null, Cancel)).EnsureSuccessStatusCode();

        // Ten thousand visits to the machine take minutes.
        (await stream.RestAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancel))[^1].ShouldBe("cancelled");
    }

    private static async Task<string> SubmitAsync(EdgeUnderTest edge, int tasks = 1) =>
        (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(tasks))).Job.Id;

    private static async Task<SortedDictionary<int, AttemptRef>> AssignedAsync(WireNode node, int count)
    {
        var assigned = new SortedDictionary<int, AttemptRef>();
        while (assigned.Count < count)
        {
            foreach (var attempt in await node.AssignedAsync())
            {
                assigned.Add(attempt.Task, attempt);
            }
        }

        return assigned;
    }
}
