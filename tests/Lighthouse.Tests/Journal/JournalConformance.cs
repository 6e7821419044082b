using System.Data.Common;
using System.Text;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Lighthouse.Tests.Journal;

/// <summary>What every journal must do; a journal's own test class opens it.</summary>
public abstract class JournalConformance : AppendConformance
{
    private static readonly DateTimeOffset Time = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Steps_are_read_back_in_order_with_their_numbers()
    {
        using var journal = Open();

        journal.Commit([Step("job/a", 0, 2, "[1,2]"), Step("job/b", 0, 1, "[9]")]);
        journal.Commit([Step("job/a", 2, 1, "[3]")]);

        Read(journal, "job/a").ShouldBe([(0, 2, "[1,2]"), (2, 1, "[3]")]);
        Read(journal, "job/b").ShouldBe([(0, 1, "[9]")]);
        Read(journal, "job/none").ShouldBeEmpty();
    }

    [Fact]
    public void Steps_of_one_machine_follow_each_other_within_a_commit()
    {
        using var journal = Open();

        var (first, second) = (Step("job/a", 0, 2, "[1,2]"), Step("job/a", 2, 1, "[3]"));
        journal.Commit([first, second]);

        first.Failure.ShouldBeNull();
        second.Failure.ShouldBeNull();
        Read(journal, "job/a").Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_step_that_does_not_begin_where_the_events_end_is_left_out_alone(long sequence)
    {
        using var journal = Open();
        journal.Commit([Step("job/a", 0, 2, "[1,2]")]);

        var (wrong, right) = (Step("job/a", sequence, 1, "[7]"), Step("job/b", 0, 1, "[8]"));
        journal.Commit([wrong, right]);

        wrong.Failure.ShouldBeOfType<JournalConflictException>();
        right.Failure.ShouldBeNull();
        Read(journal, "job/a").ShouldBe([(0, 2, "[1,2]")]);
        Read(journal, "job/b").ShouldBe([(0, 1, "[8]")]);
    }

    [Fact]
    public void What_is_projected_from_a_step_that_was_left_out_is_not_written()
    {
        using var journal = Open();
        journal.Commit([Step("job/a", 0, 1, "[1]", "running")]);

        journal.Commit([Step("job/a", 0, 1, "[1]", "succeeded")]);

        journal.UnfinishedJobs().ShouldBe(["a"]);
    }

    [Fact]
    public void Jobs_are_unfinished_until_their_view_has_ended()
    {
        using var journal = Open();
        journal.Commit([Step("job/a", 0, 1, "[1]", "queued"), Step("job/b", 0, 1, "[1]", "running"), Step("job/c", 0, 1, "[1]", "queued")]);

        journal.Commit([Step("job/b", 1, 1, "[2]", "succeeded"), Step("job/c", 1, 1, "[2]", "cancelled")]);

        journal.UnfinishedJobs().ShouldBe(["a"]);
    }

    [Fact]
    public void Inline_output_of_an_attempt_is_kept_as_it_first_came()
    {
        using var journal = Open();
        var first = WithInline(Step("job/a", 0, 1, "[1]"), "first");
        var repeated = WithInline(Step("job/a", 1, 1, "[2]"), "other");

        journal.Commit([first]);
        journal.Commit([repeated]);

        repeated.Failure.ShouldBeNull();
        ReadInline(journal, "a", 3, 1).ShouldBe("first");
    }

    [Fact]
    public void A_later_opening_fences_writes_that_are_no_machines()
    {
        using var first = Open();
        using var second = Open();

        Should.Throw<PoolTakenOverException>(() => first.Commit([new JournalAction(session => session.Run("UPDATE meta SET value = 0"))])).DiskFull.ShouldBeFalse();

        second.Commit([Step("job/a", 0, 1, "[1]")]);
    }

    [Fact]
    public void A_snapshot_within_a_step_is_read_with_that_step()
    {
        using var journal = Open();
        journal.Commit([Step("job/a", 0, 2, "[1,2]")]);
        journal.Commit([WithSnapshot(Step("job/a", 2, 3, "[3,4,5]"), 4, "four")]);

        Read(journal, "job/a").ShouldBe([(2, 3, "[3,4,5]")]);
        journal.Commit([Step("job/a", 5, 1, "[6]")]);
        Read(journal, "job/a").ShouldBe([(2, 3, "[3,4,5]"), (5, 1, "[6]")]);
    }

    [Fact]
    public void What_cannot_be_stored_fails_alone()
    {
        using var journal = Open();
        var impossible = new JournalAppend("job/b", 0, 1, "[1]"u8.ToArray(), Time)
        {
            Results = [new TaskResult("b", new TaskView(0, null!, 1, "n", 1, null, null, null, null, null, 0, null))],
        };
        var (before, after) = (Step("job/a", 0, 1, "[1]"), Step("job/c", 0, 1, "[1]"));

        journal.Commit([before, impossible, after]);

        (before.Failure, after.Failure).ShouldBe((null, null));
        impossible.Failure.ShouldNotBeNull();
        Read(journal, "job/b").ShouldBeEmpty();
        Read(journal, "job/a").Count.ShouldBe(1);
        Read(journal, "job/c").Count.ShouldBe(1);
    }

    [Fact]
    public void A_check_passes_until_another_opening()
    {
        using var journal = Open();
        journal.Commit([new FenceCheck()]);
        using var second = Open();

        Should.Throw<PoolTakenOverException>(() => journal.Commit([new FenceCheck()]));
    }

    [Fact]
    public void A_large_group_is_one_commit_in_order()
    {
        using var journal = Open();
        var writes = Enumerable.Range(0, CommitWriter.GroupMax).Select(i => Step($"job/{i % 10}", i / 10, 1, $"[{i}]", "running")).ToList<JournalWrite>();

        journal.Commit(writes);

        writes.ShouldAllBe(w => w.Failure == null);
        Read(journal, "job/3").Select(s => s.Item3).Take(2).ShouldBe(["[3]", "[13]"]);
        journal.UnfinishedJobs().Count.ShouldBe(10);
    }

    [Fact]
    public async Task An_own_write_that_throws_is_undone_alone()
    {
        using var journal = Open();
        var writer = new CommitWriter(journal, NullLogger.Instance);
        var database = new PoolDatabase(writer, journal.Readers);
        await database.WriteAsync(session => session.Run("CREATE TABLE people (name TEXT PRIMARY KEY)"));

        var good = database.WriteAsync(session => session.Scalar("INSERT INTO people VALUES ('ann') RETURNING name"));
        var bad = database.WriteAsync<object?>(session =>
        {
            session.Run("INSERT INTO people VALUES ('eve')");
            throw new InvalidOperationException("no");
        });
        var twice = database.WriteAsync(session => session.Scalar("INSERT INTO people VALUES ('ann')"));

        (await good).ShouldBe("ann");
        await Should.ThrowAsync<InvalidOperationException>(() => bad);
        (await Should.ThrowAsync<Exception>(() => twice)).ShouldBeAssignableTo<DbException>();
        var names = await database.ReadAsync(session => session.Read("SELECT name FROM people", row => row.GetString(0)), TestContext.Current.CancellationToken);
        names.ShouldBe(["ann"]);
        await writer.DisposeAsync();
    }

    [Fact]
    public void A_reader_cannot_write()
    {
        using var journal = Open();

        Should.Throw<PoolUnavailableException>(() => journal.Readers.Run(session => session.Run("DELETE FROM meta")))
            .InnerException.ShouldBeAssignableTo<DbException>();
    }

    [Fact]
    public void A_journal_of_a_newer_akc_is_refused_and_left_alone()
    {
        using (var journal = Open())
        {
            journal.Commit([new JournalAction(session => session.Run("UPDATE meta SET value = 99 WHERE key = 'format'"))]);
        }

        Should.Throw<JournalFormatException>(Open).Message.ShouldContain("upgrade akc");

        using var reader = NewStore().OpenReader();
        reader.Scalar("SELECT value FROM meta WHERE key = 'format'").ShouldBe(99L);
        reader.Scalar("SELECT value FROM meta WHERE key = 'generation'").ShouldBe(1L);
    }

    [Fact]
    public void Words_of_a_node_with_any_sign_are_kept_or_marked()
    {
        using var journal = Open();
        var step = Step("job/a", 0, 1, "[1]", "failed");
        var task = new TaskView(0, "failed", 1, "n\uD83D\uDE00", 1, "exited", "a\0b\u001b[31m\uD83D", 1, 1, 1, 1, null);

        journal.Commit([new JournalAppend("job/a", 0, 1, step.Payload, Time) { Results = [new TaskResult("a", task)] }]);

        journal.Readers.Run(session => session.Scalar("SELECT node FROM task_results")).ShouldBe("n\uD83D\uDE00");
        ((string)journal.Readers.Run(session => session.Scalar("SELECT detail FROM task_results"))!).ShouldBeOneOf("a\0b\u001b[31m\uFFFD", "a\uFFFDb\u001b[31m\uFFFD");
    }

    [Theory]
    [InlineData("UPDATE inline_output SET bytes = $1", new byte[] { 1, 0, 0, 0, 2, (byte)'o', (byte)'b' })]
    [InlineData("UPDATE inline_output SET bytes = $1", new byte[] { 2, 0, 0, 0, 2, (byte)'o', (byte)'h' })]
    [InlineData("UPDATE inline_output SET bytes = $1, checksum = NULL", new byte[] { 1, 0, 0, 0, 3, (byte)'o', (byte)'h' })]
    [InlineData("UPDATE inline_output SET bytes = $1, checksum = NULL", new byte[] { 1, 0, 0 })]
    [InlineData("UPDATE inline_output SET first_segment = 1", null)]
    [InlineData("UPDATE inline_output SET attempt = 2", null)]
    [InlineData("UPDATE inline_output SET checksum = checksum + 1", null)]
    public void The_end_of_an_output_that_was_changed_is_not_read(string change, byte[]? bytes)
    {
        using var journal = Open();
        journal.Commit([WithInline(Step("job/a", 0, 1, "[1]"), "oh")]);
        ReadInline(journal, "a", 3, 1).ShouldBe("oh");

        journal.Commit([new JournalAction(session => session.Run(change, bytes is null ? [] : [bytes]).ShouldBe(1))]);

        var stored = ReadStored(journal, "a", 3, 1) ?? ReadStored(journal, "a", 3, 2);
        Should.Throw<InvalidDataException>(() => stored!.Segments());
    }

    /// <summary>A store of the same journal each time within one test.</summary>
    private protected abstract ISqlStore NewStore();

    private protected override IAppending OpenToAppend() => new SqlAppending(Open());

    private protected SqlJournal Open() => SqlJournal.Open(NewStore());

    private static string? ReadInline(SqlJournal journal, string job, int task, int attempt) =>
        ReadStored(journal, job, task, attempt) is { } stored ? Encoding.UTF8.GetString(stored.Segments().Single().Bytes.Span) : null;

    private static StoredInline? ReadStored(SqlJournal journal, string job, int task, int attempt) => journal.Readers.Run(session => session.Read(
        $"SELECT {StoredInline.Columns()} FROM inline_output WHERE job = $1 AND task = $2 AND attempt = $3", StoredInline.Read, job, task, attempt).SingleOrDefault());

    private static JournalAppend WithSnapshot(JournalAppend step, long sequence, string state) =>
        new(step.Machine, step.ExpectedSequence, step.Count, step.Payload, step.At) { Snapshot = new(sequence, Encoding.UTF8.GetBytes(state)) };

    private protected static JournalAppend Step(string machine, long sequence, int count, string payload, string? state = null) =>
        new(machine, sequence, count, Encoding.UTF8.GetBytes(payload), Time)
        {
            View = state is null ? null : ViewOf(machine["job/".Length..], state),
        };

    private protected static JobView ViewOf(string id, string state) =>
        new(id, id, "ann", "true", state, 1, 0, 0, 0, 0, null, Time, null, null, [], null);

    private protected static List<(long, int, string)> Read(SqlJournal journal, string machine)
    {
        var steps = new List<(long, int, string)>();
        journal.ReadAsync(machine, _ => true, step => steps.Add((step.Sequence, step.Count, Encoding.UTF8.GetString(step.Payload)))).GetAwaiter().GetResult();
        return steps;
    }

    private static JournalAppend WithInline(JournalAppend step, string text) =>
        new(step.Machine, step.ExpectedSequence, step.Count, step.Payload, step.At)
        {
            Inline = [new InlineRow("a", 3, 1, 0, new InlineOutput([new InlineSegment(1, Encoding.UTF8.GetBytes(text))]))],
        };
}
