using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Cli.Tests.Client;

/// <summary>Whatever breaks between here and the Lighthouse, the sink gets every byte once.</summary>
public sealed class JobStreamTests
{
    private const int Tasks = 3;
    private const int Segments = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, StreamFrame> NoStreams => new()
    {
        { "a view without its parts", new(StreamFrameKind.Job, "{\"id\":\"j1\"}"u8.ToArray()) },
        { "null", new(StreamFrameKind.Job, "null"u8.ToArray()) },
        { "no JSON", new(StreamFrameKind.TaskDone, "{"u8.ToArray()) },
        { "an attempt of no node", new(StreamFrameKind.Attempt, "{\"task\":0,\"attempt\":1}"u8.ToArray()) },
        { "a task that is none", new(StreamFrameKind.TaskDone, "{\"index\":2147483647,\"state\":\"failed\",\"attempt\":1}"u8.ToArray()) },
        { "output of no task", StreamFrame.Output(new SegmentFrame("j1", new(-1, 1), 0, 1, new byte[1])) },
        { "output of no stream", StreamFrame.Output(new SegmentFrame("j1", new(0, 1), 0, 9, new byte[1])) },
        { "a kind that is none", new((StreamFrameKind)9, default) },
    };

    [Theory]
    [MemberData(nameof(NoStreams))]
    public async Task What_no_Lighthouse_says_is_one_line(string what, StreamFrame frame)
    {
        using var stream = new MemoryStream();
        await frame.WriteAsync(stream, Cancel);
        stream.Position = 0;

        var failed = await Should.ThrowAsync<AkcException>(() => new JobStream(null!, "j1", ordered: false, follow: true, new Recorder()).ReadAsync(stream, Cancel), what);

        failed.Message.ShouldStartWith("the Lighthouse's stream can't be read: are both sides of one version?");
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(false, 3)]
    [InlineData(true, 4)]
    [InlineData(true, 5)]
    [InlineData(true, 6)]
    public async Task A_connection_that_breaks_anywhere_loses_and_repeats_nothing(bool ordered, int seed)
    {
        using var captured = new Captured();
        await using var pool = await PoolUnderTest.StartAsync();
        var expected = new Dictionary<int, string>();
        var job = await EndedJobAsync(pool, expected);
        var random = new Random(seed);
        await using var proxy = new CuttingProxy(pool.Home, () => random.Next(1, 1200));
        using var client = PoolUnderTest.ClientOf(proxy.Home);
        var sink = new Recorder();

        var end = await new JobStream(client, job, ordered, follow: true, sink).ReadAsync(Cancel).InTimeAsync();

        proxy.Cuts.ShouldBeGreaterThan(3);
        end.State.ShouldBe("succeeded");
        sink.Texts.ShouldBe(expected, ignoreOrder: true);
        sink.Log.Count(line => line.StartsWith("began", StringComparison.Ordinal)).ShouldBe(Tasks);
        sink.Log.Where(line => line.StartsWith("done", StringComparison.Ordinal)).ShouldBe(["done 0.1", "done 1.1", "done 2.1"]);
    }

    [Fact]
    public async Task Of_tasks_that_are_left_out_nothing_comes_but_how_far_the_job_is()
    {
        using var captured = new Captured();
        await using var pool = await PoolUnderTest.StartAsync();
        var node = new PlayedNode(pool);
        var job = await pool.SubmitAsync();
        var attempt = (await node.AssignedAsync()).Single();
        await pool.OutputAsync(job, attempt, 0, "one");
        using var client = PoolUnderTest.ClientOf(pool.Home);
        var sink = new Recorder();
        var reading = new JobStream(client, job, ordered: false, follow: true, sink, skip: 1).ReadAsync(Cancel);
        node.Finish(job, attempt, segments: 1);

        (await reading.InTimeAsync()).State.ShouldBe("succeeded");

        sink.Log.ShouldBeEmpty();
        sink.Views[^1].Succeeded.ShouldBe(1);
    }

    [Fact]
    public async Task Output_that_came_during_a_break_follows_what_was_printed()
    {
        using var captured = new Captured();
        await using var pool = await PoolUnderTest.StartAsync();
        var node = new PlayedNode(pool);
        var job = await pool.SubmitAsync();
        var attempt = (await node.AssignedAsync()).Single();
        await using var proxy = new CuttingProxy(pool.Home, () => int.MaxValue);
        using var client = PoolUnderTest.ClientOf(proxy.Home);
        var sink = new Recorder();
        var reading = new JobStream(client, job, ordered: false, follow: true, sink).ReadAsync(Cancel);
        await pool.OutputAsync(job, attempt, 0, "one");
        (await sink.NextAsync(reading)).ShouldBe("began 0.1");
        (await sink.NextAsync(reading)).ShouldBe("0.1.0 out one");

        proxy.Shut();
        await pool.OutputAsync(job, attempt, 1, "two", stream: 2);
        await pool.OutputAsync(job, attempt, 2, "three");
        await captured.NoteAsync("does not answer");
        proxy.Open();
        (await sink.NextAsync(reading)).ShouldBe("0.1.1 err two");
        (await sink.NextAsync(reading)).ShouldBe("0.1.2 out three");
        captured.Notes.ShouldContain("the Lighthouse is back");
        node.Finish(job, attempt, segments: 3, bytes: 11, inline: new InlineOutput([new(1, "end"u8.ToArray())]));

        (await reading.InTimeAsync()).State.ShouldBe("succeeded");
        sink.Log[^2..].ShouldBe(["0.1.3 out end", "done 0.1"]);
    }

    [Fact]
    public async Task An_attempt_that_was_replaced_during_a_break_starts_anew()
    {
        using var captured = new Captured();
        await using var pool = await PoolUnderTest.StartAsync();
        var node = new PlayedNode(pool);
        var job = await pool.SubmitAsync();
        var lost = (await node.AssignedAsync()).Single();
        await using var proxy = new CuttingProxy(pool.Home, () => int.MaxValue);
        using var client = PoolUnderTest.ClientOf(proxy.Home);
        var sink = new Recorder();
        var reading = new JobStream(client, job, ordered: false, follow: true, sink).ReadAsync(Cancel);
        await pool.OutputAsync(job, lost, 0, "lost");
        (await sink.NextAsync(reading)).ShouldBe("began 0.1");
        (await sink.NextAsync(reading)).ShouldBe("0.1.0 out lost");

        proxy.Shut();
        var again = new PlayedNode(pool, "boot-2");
        var attempt = (await again.AssignedAsync()).Single();
        await pool.OutputAsync(job, attempt, 0, "kept");
        again.Finish(job, attempt, segments: 1, bytes: 4);
        proxy.Open();

        (await reading.InTimeAsync()).State.ShouldBe("succeeded");
        sink.Log.ShouldBe(["began 0.1", "0.1.0 out lost", "began 0.2 replaces 1", "0.2.0 out kept", "done 0.2"]);
    }

    [Fact]
    public async Task Without_follow_it_ends_at_what_there_is_now()
    {
        await using var pool = await PoolUnderTest.StartAsync();
        var node = new PlayedNode(pool);
        var job = await pool.SubmitAsync();
        await pool.OutputAsync(job, (await node.AssignedAsync()).Single(), 0, "so far");
        var sink = new Recorder();

        var view = await new JobStream(pool.Client, job, ordered: false, follow: false, sink).ReadAsync(Cancel);

        view.State.ShouldBe("running");
        sink.Log.ShouldBe(["began 0.1", "0.1.0 out so far"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_Lighthouse_that_waits_for_its_journal_is_told_so_and_is_waited_for_only_with_follow(bool follow)
    {
        using var captured = new Captured();
        using var folder = new TestFolder();
        await using var waits = new WaitingLighthouse(new Home(folder.Path), "the Lighthouse waits for its journal: the database is away");
        using var client = PoolUnderTest.ClientOf(new Home(folder.Path));
        using var stop = new CancellationTokenSource();

        var reading = new JobStream(client, "j1", ordered: true, follow, new Recorder(), giveUpAfter: TimeSpan.FromSeconds(0.5)).ReadAsync(stop.Token);
        await captured.NoteAsync("waits for its journal: the database is away");

        if (follow)
        {
            while (waits.Answered < 8) // longer than it would have waited
            {
                await waits.NextAsync(Cancel);
            }

            reading.IsCompleted.ShouldBeFalse();
            await stop.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => reading.InTimeAsync());
        }
        else
        {
            var given = await Should.ThrowAsync<AkcException>(() => reading.InTimeAsync());
            given.ExitCode.ShouldBe(ExitCodes.NoLighthouse);
            given.Message.ShouldContain("the database is away");
            given.Message.ShouldContain("-f");
        }

        captured.Notes.ShouldNotContain("does not answer");
    }

    [Fact]
    public async Task A_Lighthouse_that_is_gone_is_waited_for_only_with_follow()
    {
        using var captured = new Captured();
        using var folder = new TestFolder();
        using var client = PoolUnderTest.ClientOf(new Home(folder.Path));

        var given = await Should.ThrowAsync<AkcException>(
            () => new JobStream(client, "j1", ordered: true, follow: false, new Recorder(), giveUpAfter: TimeSpan.FromSeconds(0.5)).ReadAsync(Cancel).InTimeAsync());

        given.ExitCode.ShouldBe(ExitCodes.NoLighthouse);
    }

    [Fact]
    public async Task A_job_that_is_not_there_is_no_reason_to_wait()
    {
        await using var pool = await PoolUnderTest.StartAsync();

        var refused = await Should.ThrowAsync<AkcException>(() => new JobStream(pool.Client, "nosuchjob", ordered: false, follow: true, new Recorder()).ReadAsync(Cancel));

        refused.ExitCode.ShouldBe(ExitCodes.NotFound);
        refused.Message.ShouldContain("nosuchjob");
    }

    [Fact]
    public async Task Who_stops_it_while_the_Lighthouse_is_gone_need_not_wait()
    {
        using var captured = new Captured();
        await using var pool = await PoolUnderTest.StartAsync();
        var job = await pool.SubmitAsync();
        await using var proxy = new CuttingProxy(pool.Home, () => int.MaxValue);
        proxy.Shut();
        using var client = PoolUnderTest.ClientOf(proxy.Home);
        using var stop = new CancellationTokenSource();
        var reading = new JobStream(client, job, ordered: false, follow: true, new Recorder()).ReadAsync(stop.Token);
        await captured.NoteAsync("does not answer");

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => reading.InTimeAsync());
    }

    private static async Task<string> EndedJobAsync(PoolUnderTest pool, Dictionary<int, string> expected)
    {
        var node = new PlayedNode(pool);
        var job = await pool.SubmitAsync(Tasks);
        foreach (var attempt in await node.AssignedAsync(Tasks))
        {
            for (var i = 0; i < Segments; i++)
            {
                var text = $"task {attempt.Task} line {i} {new string((char)('a' + i), i * 37)}\n";
                expected[attempt.Task] = expected.GetValueOrDefault(attempt.Task) + text;
                await pool.OutputAsync(job, attempt, i, text, stream: 1 + (i % 2));
            }

            expected[attempt.Task] += "the end";
            node.Finish(job, attempt, Segments, expected[attempt.Task].Length, inline: new InlineOutput([new(1, "the end"u8.ToArray())]));
        }

        var until = new Recorder();
        await new JobStream(pool.Client, job, ordered: false, follow: true, until).ReadAsync(Cancel).InTimeAsync();
        return job;
    }
}
