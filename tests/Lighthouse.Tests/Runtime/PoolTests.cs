using System.Text;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Lighthouse.Tests.Runtime;

public sealed class PoolTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_job_runs_from_submit_to_result()
    {
        await using var pool = await OpenAsync();
        var node = new FakeNode(pool);
        node.Connect();
        using var watched = pool.Feed.Subscribe("job-1");

        await SubmitAsync(pool, "job-1", tasks: 3);
        await FinishAllAsync(node, "job-1", tasks: 3);

        var job = await EndedAsync(pool, watched, "job-1");
        job.State.ShouldBe("succeeded");
        job.Succeeded.ShouldBe(3);
        var results = await pool.Views.ResultsAsync("job-1", 0, 10, Cancel);
        results.Select(r => (r.Index, r.State, r.Node)).ShouldBe([(0, "succeeded", "node-1"), (1, "succeeded", "node-1"), (2, "succeeded", "node-1")]);
        (await pool.ReadJobAsync("job-1", j => j.HasEnded, Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task Inline_output_is_there_when_the_result_is()
    {
        await using var pool = await OpenAsync();
        var node = new FakeNode(pool);
        node.Connect();
        using var watched = pool.Feed.Subscribe("job-1");
        await SubmitAsync(pool, "job-1");
        var attempt = AttemptsOf((await node.NextAsync<LinkAssign>()).Message).Single();
        await pool.Outputs.AppendAsync(new SegmentFrame("job-1", attempt, 0, 1, "seg"u8.ToArray()), Cancel);

        node.Finish("job-1", attempt, new InlineOutput([new(2, "end"u8.ToArray())]), segments: 1);

        (await node.NextAsync<LinkAck>()).Message.Attempts.ShouldContain(attempt);
        var output = new List<string>();
        await foreach (var segment in pool.Outputs.ReadAsync("job-1", attempt, 0, Cancel))
        {
            output.Add($"{segment.Segment}:{segment.Stream}:{Encoding.UTF8.GetString(segment.Bytes.Span)}");
        }

        output.ShouldBe(["0:1:seg", "1:2:end"]);
        await EndedAsync(pool, watched, "job-1");
    }

    [Fact]
    public async Task A_result_whose_inline_output_is_out_of_its_limits_is_dropped()
    {
        await using var pool = await OpenAsync();
        var node = new FakeNode(pool);
        node.Connect();
        await SubmitAsync(pool, "job-1");
        var attempt = AttemptsOf((await node.NextAsync<LinkAssign>()).Message).Single();

        node.Finish("job-1", attempt, new InlineOutput([new(1, new byte[InlineOutput.BytesMax + 1])]));
        (await pool.ReadJobAsync("job-1", j => j.View().Running, Cancel)).ShouldBe(1);

        node.Finish("job-1", attempt);
        (await node.NextAsync<LinkAck>()).Message.Attempts.ShouldBe([attempt]);
    }

    [Fact]
    public async Task A_job_goes_on_after_the_Lighthouse_was_opened_again()
    {
        LinkAssign before;
        await using (var pool = await OpenAsync())
        {
            var old = new FakeNode(pool);
            old.Connect();
            await SubmitAsync(pool, "job-1");
            before = await old.NextAsync<LinkAssign>();
        }

        await using var again = await OpenAsync();
        (await again.Views.JobsAsync(all: false, 10, JobPlace.Newest, Cancel)).Single().Id.ShouldBe("job-1");
        using var watched = again.Feed.Subscribe("job-1");
        var node = new FakeNode(again);
        node.Connection.ShouldBeGreaterThan(before.Message.Lease.Connection);
        node.Connect();
        node.Finish("job-1", AttemptsOf(before.Message).Single());
        (await EndedAsync(again, watched, "job-1")).State.ShouldBe("succeeded");

        using var next = again.Feed.Subscribe("job-2");
        await SubmitAsync(again, "job-2");
        (await node.NextAsync<LinkAssign>()).Message.Lease.Epoch.ShouldBeGreaterThan(before.Message.Lease.Epoch);
    }

    [Fact]
    public async Task An_ended_job_is_replayed_for_whoever_reads_it()
    {
        await using (var pool = await OpenAsync())
        {
            await SubmitAsync(pool, "job-1");
            var reply = await pool.AskAsync<JobCancelReply>(Address.Job("job-1"), to => new CancelJob("ann", to), Cancel);
            reply.ShouldBe(new JobCancelReply(Found: true, AlreadyEnded: false));
        }

        await using var again = await OpenAsync();
        (await again.ReadJobAsync("job-1", j => j.View().State, Cancel)).ShouldBe("cancelled");
        (await again.Views.JobsAsync(all: false, 10, JobPlace.Newest, Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_that_nobody_knows_reads_as_none_and_answers_messages()
    {
        await using var pool = await OpenAsync();
        var node = new FakeNode(pool);
        node.Connect();

        (await pool.ReadJobAsync("nobody", j => j.View(), Cancel)).ShouldBeNull();
        (await pool.AskAsync<JobCancelReply>(Address.Job("nobody"), to => new CancelJob("ann", to), Cancel)).Found.ShouldBeFalse();
        pool.Send(new(Address.Job("nobody"), new WorkerReport("nobody", node.NodeId, "boot", node.Connection, [new(0, 1)])));
        (await node.NextAsync<LinkStop>()).Message.Attempts.ShouldBe([new AttemptRef(0, 1)]);
    }

    [Fact]
    public async Task The_latest_session_of_a_node_gets_its_messages()
    {
        await using var pool = await OpenAsync();
        var (first, second) = (new FakeNode(pool), new FakeNode(pool));
        pool.SessionOpened(second);
        pool.SessionOpened(first);
        (await first.Closed).ShouldContain("newer");

        pool.SessionClosed(first);
        pool.Send(new(Address.Node("node-1"), new ResultAck("job-1", [])));
        await second.NextAsync<LinkAck>();

        var third = new FakeNode(pool);
        pool.SessionOpened(third);
        (await second.Closed).ShouldContain("newer");
        pool.Send(new(Address.Node("node-1"), new ResultAck("job-1", [])));
        await third.NextAsync<LinkAck>();
    }

    [Fact]
    public async Task A_second_Lighthouse_on_the_folder_is_refused_and_the_first_goes_on()
    {
        await using var pool = await OpenAsync();

        await Should.ThrowAsync<PoolInUseException>(OpenAsync);

        await SubmitAsync(pool, "job-1");
    }

    [Fact]
    public async Task Who_asks_a_closed_pool_is_told_so()
    {
        var pool = await OpenAsync();
        await pool.DisposeAsync();

        await Should.ThrowAsync<PoolUnavailableException>(() => SubmitAsync(pool, "job-1"));
        await Should.ThrowAsync<PoolUnavailableException>(() => pool.ReadFleetAsync(f => f.Nodes().Count, Cancel));
        pool.Send(new(Address.Fleet, Tick.Instance));
    }

    [Fact]
    public async Task Many_submits_at_once_are_all_there_after_a_crash()
    {
        using var copy = new TempFolder();
        await using var pool = await OpenAsync();
        var ids = Enumerable.Range(0, 200).Select(i => $"job-{i}").ToArray();

        await Task.WhenAll(ids.Select(id => SubmitAsync(pool, id)));
        File.Copy(_folder["pool.db"], copy["pool.db"]);
        File.Copy(_folder["pool.db-wal"], copy["pool.db-wal"]);

        await using var again = await Pool.OpenAsync(copy.Path, () => JournalPlace.Open(copy.Path, null), TimeProvider.System, NullLoggerFactory.Instance, Cancel);
        (await again.Views.JobsAsync(all: false, 1000, JobPlace.Newest, Cancel)).Select(j => j.Id).Order().ShouldBe(ids.Order());
    }

    [Fact]
    public async Task A_restart_reads_the_state_of_a_long_job_and_little_after_it()
    {
        const int Tasks = 3000;
        var before = (Succeeded: 0, Running: 0);
        await using (var pool = await OpenAsync())
        {
            var node = new FakeNode(pool);
            node.Connect();
            using var heartbeats = node.KeepBeating();
            await SubmitAsync(pool, "job-1", Tasks);
            await FinishAllAsync(node, "job-1", Tasks / 2);
            before = await pool.ReadJobAsync("job-1", j => (j.View().Succeeded, j.View().Running), Cancel);
            before.Succeeded.ShouldBeGreaterThanOrEqualTo(Tasks / 2);
        }

        using (var journal = SqlJournal.Open(JournalPlace.Open(_folder.Path, null)))
        {
            var (at, state, rest, all) = (0L, 0, 0, 0L);
            await journal.ReadAsync(
                "job/job-1",
                snapshot =>
                {
                    (at, state) = (snapshot.Sequence, snapshot.Payload.Length);
                    return true;
                },
                step => rest += step.Payload.Length);
            all = (long)journal.Readers.Run(session => session.Scalar("SELECT sum(length(payload)) FROM events"))!;
            at.ShouldBeGreaterThan(0);
            all.ShouldBeGreaterThan(2 * SnapshotPace.TailBytesMin);
            ((long)rest).ShouldBeLessThan(Math.Max(SnapshotPace.TailBytesMin, SnapshotPace.TailPerSnapshot * state) + (all / 10)); // and a batch
        }

        await using var again = await OpenAsync();
        (await again.ReadJobAsync("job-1", j => (j.View().Succeeded, j.View().Running), Cancel)).ShouldBe(before);
    }

    private static async Task SubmitAsync(Pool pool, string id, int tasks = 1)
    {
        var template = new TaskTemplate(["true"], null, new Dictionary<string, string>(), [], null);
        var spec = new JobSpec(id, "ann", "true", tasks, new ResourceRequest(), null, [], [], 0, template, null);
        (await pool.AskAsync<JobAccepted>(Address.Job(id), to => new SubmitJob(spec, to), Cancel)).JobId.ShouldBe(id);
        (await pool.Views.JobAsync(id, Cancel)).ShouldNotBeNull(); // an answered submit is in the lists
    }

    private static async Task FinishAllAsync(FakeNode node, string job, int tasks)
    {
        for (var finished = 0; finished < tasks;)
        {
            foreach (var attempt in AttemptsOf((await node.NextAsync<LinkAssign>()).Message))
            {
                node.Finish(job, attempt);
                finished++;
            }
        }
    }

    private static IEnumerable<AttemptRef> AttemptsOf(Assign assign) =>
        assign.Tasks.SelectMany(range => Enumerable.Range(range.First, range.Count).Select(task => new AttemptRef(task, range.Attempt)));

    private static async Task<JobView> EndedAsync(Pool pool, Lighthouse.Views.IJobSubscription watched, string id)
    {
        while (true)
        {
            if (await pool.Views.JobAsync(id, Cancel) is { HasEnded: true } job)
            {
                return job;
            }

            await watched.NextAsync(Cancel);
        }
    }

    private Task<Pool> OpenAsync() => Pool.OpenAsync(_folder.Path, () => JournalPlace.Open(_folder.Path, null), TimeProvider.System, NullLoggerFactory.Instance, Cancel);
}
