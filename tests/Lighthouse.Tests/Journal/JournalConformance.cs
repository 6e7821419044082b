using System.Text;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Journal;

/// <summary>What every journal must do; a journal's own test class opens it.</summary>
public abstract class JournalConformance
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
    public void A_later_opening_fences_an_earlier_one()
    {
        using var first = Open();
        first.Commit([Step("job/a", 0, 1, "[1]")]);
        using var second = Open();
        second.Generation.ShouldBeGreaterThan(first.Generation);

        Should.Throw<PoolUnavailableException>(() => first.Commit([Step("job/a", 1, 1, "[2]")])).DiskFull.ShouldBeFalse();

        second.Commit([Step("job/a", 1, 1, "[3]")]);
        Read(second, "job/a").ShouldBe([(0, 1, "[1]"), (1, 1, "[3]")]);
    }

    [Fact]
    public void What_was_committed_is_there_after_opening_again()
    {
        using (var journal = Open())
        {
            journal.Commit([Step("job/a", 0, 1, "[1]")]);
        }

        using var again = Open();
        Read(again, "job/a").ShouldBe([(0, 1, "[1]")]);
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

    /// <summary>Opens the same journal each time within one test.</summary>
    private protected abstract IJournal Open();

    private protected abstract string? ReadInline(IJournal journal, string job, int task, int attempt);

    private protected static JournalAppend Step(string machine, long sequence, int count, string payload, string? state = null) =>
        new(machine, sequence, count, Encoding.UTF8.GetBytes(payload), Time)
        {
            View = state is null ? null : ViewOf(machine["job/".Length..], state),
        };

    private protected static JobView ViewOf(string id, string state) =>
        new(id, id, "ann", "true", state, 1, 0, 0, 0, 0, null, Time, null, null, [], null);

    private static List<(long, int, string)> Read(IJournal journal, string machine)
    {
        var steps = new List<(long, int, string)>();
        journal.Read(machine, step => steps.Add((step.Sequence, step.Count, Encoding.UTF8.GetString(step.Payload))));
        return steps;
    }

    private static JournalAppend WithInline(JournalAppend step, string text) =>
        new(step.Machine, step.ExpectedSequence, step.Count, step.Payload, step.At)
        {
            Inline = [new InlineRow("a", 3, 1, 0, new InlineOutput([new InlineSegment(1, Encoding.UTF8.GetBytes(text))]))],
        };
}
