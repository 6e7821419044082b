using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Lighthouse.Tests.Views;

/// <summary>What is projected with a commit is read back alike from every database.</summary>
public abstract class ViewsConformance
{
    private static readonly DateTimeOffset Time = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private SqlJournal? _journal;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SqlViews Views => new(Journal.Readers);

    private SqlJournal Journal => _journal ??= SqlJournal.Open(NewStore());

    private protected abstract ISqlStore NewStore();

    private protected void Close() => _journal?.Dispose();

    [Fact]
    public async Task Jobs_come_newest_last_and_a_limit_keeps_the_newest()
    {
        Write("c", 0, "queued", Time.AddSeconds(3));
        Write("a", 0, "succeeded", Time.AddSeconds(1));
        Write("b", 0, "running", Time.AddSeconds(2));

        (await Views.JobsAsync(all: true, 10, JobPlace.Newest, Cancel)).Select(j => j.Id).ShouldBe(["a", "b", "c"]);
        (await Views.JobsAsync(all: true, 2, JobPlace.Newest, Cancel)).Select(j => j.Id).ShouldBe(["b", "c"]);
        (await Views.JobsAsync(all: false, 10, JobPlace.Newest, Cancel)).Select(j => j.Id).ShouldBe(["b", "c"]);
    }

    /// <summary>Two of one moment are told apart by their ids; what comes meanwhile moves no page.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pages_lead_from_the_newest_to_the_oldest_without_gap_or_double(bool all)
    {
        for (var i = 0; i < 10; i++)
        {
            Write($"j{i}", 0, i % 3 == 0 ? "succeeded" : "running", Time.AddSeconds(i / 2));
        }

        var (read, before) = (new List<string>(), JobPlace.Newest);
        while (await Views.JobsAsync(all, 3, before, Cancel) is [var first, ..] page)
        {
            read.AddRange(page.Reverse().Select(j => j.Id));
            before = JobPlace.Parse(JobPlace.Of(first).ToString()).ShouldNotBeNull();
            Write($"new{read.Count}", 0, "running", Time.AddSeconds(100));
        }

        read.ShouldBe(Enumerable.Range(0, 10).Reverse().Where(i => all || i % 3 != 0).Select(i => $"j{i}"));
    }

    [Fact]
    public async Task A_job_is_shown_as_it_was_last_written()
    {
        Write("a", 0, "queued", Time);
        Write("a", 1, "running", Time);

        var job = await Views.JobAsync("a", Cancel);
        job.ShouldNotBeNull().State.ShouldBe("running");
        (await Views.JobAsync("none", Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Committed_ends_become_results_and_others_do_not()
    {
        var results = new List<TaskResult>();
        JobProjection.AddResults("a", new TasksEnded("node-1", [End(2, 1, EndCause.Exited, 0), End(0, 2, EndCause.Timeout, 124), End(1, 1, EndCause.Exited, 1, committed: false)], Time), results);
        JobProjection.AddResults("a", new JobCancelled("ann", Time), results);
        Journal.Commit([new JournalAppend("job/a", 0, 1, "[1]"u8.ToArray(), Time) { Results = results }]);

        var shown = await Views.ResultsAsync("a", 0, 10, Cancel);

        shown.ShouldBe([
            new TaskView(0, "failed", 2, "node-1", 124, "timeout", "why", 1.5, 0.5, 4096, 7, "ab"),
            new TaskView(2, "succeeded", 1, "node-1", 0, "exited", "why", 1.5, 0.5, 4096, 7, "ab"),
        ]);
        (await Views.ResultsAsync("a", 1, 10, Cancel)).Select(t => t.Index).ShouldBe([2]);
        (await Views.ResultAsync("a", 0, Cancel)).ShouldBe(shown[0]);
        (await Views.ResultAsync("a", 1, Cancel)).ShouldBeNull();
    }

    /// <summary>Whether a failure was written before, or in the same step: what is reopened has none, and a later one stands.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_job_that_is_reopened_only_successes_stay(bool inOneStep)
    {
        var (before, after) = (new List<TaskResult>(), new List<TaskResult>());
        JobProjection.AddResults("a", new TasksEnded("node-1", [End(0, 1, EndCause.Exited, 0), End(1, 1, EndCause.Exited, 1), End(2, 1, EndCause.Cancelled, 1)], Time), before);
        if (!inOneStep)
        {
            Journal.Commit([new JournalAppend("job/a", 0, 1, "[1]"u8.ToArray(), Time) { Results = before }]);
            (await Views.ResultsAsync("a", 0, 10, Cancel)).Count.ShouldBe(3);
            before.Clear();
        }

        after.AddRange(before);
        JobProjection.AddResults("a", new JobReopened("ann", Time), after);
        JobProjection.AddResults("a", new TasksEnded("node-1", [End(2, 2, EndCause.Exited, 7)], Time), after);
        Journal.Commit([new JournalAppend("job/a", inOneStep ? 0 : 1, 1, "[1]"u8.ToArray(), Time) { Results = after, Reopened = "a" }]);

        (await Views.ResultsAsync("a", 0, 10, Cancel)).Select(t => (t.Index, t.Attempt, t.State)).ShouldBe([(0, 1, "succeeded"), (2, 2, "failed")]);
    }

    private static TaskEnd End(int task, int attempt, EndCause cause, int exitCode, bool committed = true) =>
        new(new(task, attempt), new Outcome(cause, exitCode, "why", 1.5, 0.5, 4096), new Produced(1, 7, "ab"), committed);

    private void Write(string id, long sequence, string state, DateTimeOffset at)
    {
        var view = new JobView(id, id, "ann", "true", state, 1, 0, 0, 0, 0, null, at, null, null, [], null);
        var step = new JournalAppend($"job/{id}", sequence, 1, "[1]"u8.ToArray(), at) { View = view };
        Journal.Commit([step]);
        step.Failure.ShouldBeNull();
    }

    [Fact]
    public async Task What_a_node_offered_is_known_with_its_member_and_an_older_session_changes_nothing()
    {
        await using var writer = new CommitWriter(Journal, NullLogger.Instance);
        var database = new PoolDatabase(writer, Journal.Readers);
        var offers = new NodeOffers(database);
        foreach (var (id, revoked) in new (string, long?)[] { ("mike", null), ("sara", null), ("gone", 5), ("broken", null) })
        {
            await database.WriteAsync(session => session.Run(
                "INSERT INTO members (id, kind, name, owner, role, local, created, revoked) VALUES ($1, 'Node', $1, 'ann', 'Friend', 0, 1, $2)", id, revoked));
            await offers.NoteAsync(id, 7, Offer("blender"), Time);
        }

        await offers.NoteAsync("nobody", 7, Offer("blender"), Time);
        await offers.NoteAsync("mike", 6, Offer("old"), Time.AddHours(2));
        await offers.NoteAsync("sara", 8, Offer("new"), Time.AddHours(1));
        await database.WriteAsync(session => session.Run("UPDATE node_offers SET offer = '{}' WHERE node = 'broken'"));

        (await offers.ReadAsync(Cancel)).Select(n => (n.NodeId, n.Name, n.Owner, n.Offer.Labels.Keys.Single(), n.LastSeen)).ShouldBe(
            [("sara", "sara", "ann", "new", Time.AddHours(1)), ("mike", "mike", "ann", "blender", Time)]);

        static NodeOffer Offer(string label) => new(new Resources(4, 8, 0), new Dictionary<string, string> { [label] = "1" }, "bubblewrap", null, []);
    }
}
