namespace AkkaCompute.Tests;

/// <summary>
/// The rules of an append that names its generation and the number of events that it expects: what every journal must do, the
/// simulated one as well, or the simulator proves nothing of the real ones.
/// </summary>
public abstract class AppendConformance
{
    [Fact]
    public void Events_are_read_back_in_the_order_of_their_appends()
    {
        using var journal = OpenToAppend();

        journal.Append("a", 0, [1, 2]).ShouldBe(Appended.Written);
        journal.Append("a", 2, [3]).ShouldBe(Appended.Written);

        journal.Read("a").ShouldBe(Recovered.Events(1, 2, 3));
        journal.Read("never").ShouldBe(Recovered.Events());
    }

    [Fact]
    public void Each_job_counts_for_itself()
    {
        using var journal = OpenToAppend();
        journal.Append("a", 0, [1, 2]);

        journal.Append("b", 2, [9]).ShouldBe(Appended.Conflict);
        journal.Append("b", 0, [9]).ShouldBe(Appended.Written);

        journal.Read("a").ShouldBe(Recovered.Events(1, 2));
        journal.Read("b").ShouldBe(Recovered.Events(9));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void An_append_that_expects_another_number_of_events_leaves_nothing(long expected)
    {
        using var journal = OpenToAppend();
        journal.Append("a", 0, [1, 2]);

        journal.Append("a", expected, [7, 8], new Kept(expected + 2, 78)).ShouldBe(Appended.Conflict);
        journal.Read("a").ShouldBe(Recovered.Events(1, 2));

        journal.Append("a", 2, [3]).ShouldBe(Appended.Written);
        journal.Read("a").ShouldBe(Recovered.Events(1, 2, 3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_later_opening_fences_an_earlier_one_whatever_it_expects(long expected)
    {
        using var first = OpenToAppend();
        first.Append("a", 0, [1, 2]);
        using var second = OpenToAppend();
        second.Generation.ShouldBeGreaterThan(first.Generation);

        first.Append("a", expected, [7], new Kept(expected + 1, 7)).ShouldBe(Appended.Replaced);
        first.Append("b", 0, [7]).ShouldBe(Appended.Replaced);

        second.Read("a").ShouldBe(Recovered.Events(1, 2));
        second.Read("b").ShouldBe(Recovered.Events());
        second.Append("a", 2, [3]).ShouldBe(Appended.Written);
        second.Read("a").ShouldBe(Recovered.Events(1, 2, 3));
    }

    [Fact]
    public void An_opening_stays_fenced_when_the_later_one_has_ended()
    {
        using var first = OpenToAppend();
        OpenToAppend().Dispose();

        first.Append("a", 0, [1]).ShouldBe(Appended.Replaced);
    }

    [Fact]
    public void A_later_opening_goes_on_where_the_earlier_one_stopped()
    {
        using (var first = OpenToAppend())
        {
            first.Append("a", 0, [1, 2], new Kept(2, 12));
            first.Append("a", 2, [3]);
        }

        using var second = OpenToAppend();
        second.Read("a").ShouldBe(Recovered.From(new Kept(2, 12), 3));
        second.Append("a", 2, [7]).ShouldBe(Appended.Conflict);
        second.Append("a", 3, [4]).ShouldBe(Appended.Written);
        second.Read("a").ShouldBe(Recovered.From(new Kept(2, 12), 3, 4));
    }

    [Fact]
    public void A_snapshot_stands_for_the_events_before_it_until_the_next()
    {
        using var journal = OpenToAppend();
        journal.Append("a", 0, [1, 2]);
        journal.Append("a", 2, [3, 4], new Kept(4, 1234));
        journal.Read("a").ShouldBe(Recovered.From(new Kept(4, 1234)));

        journal.Append("a", 4, [5]);
        journal.Read("a").ShouldBe(Recovered.From(new Kept(4, 1234), 5));
        journal.Read("b").ShouldBe(Recovered.Events());

        journal.Append("a", 5, [6], new Kept(6, 123456));
        journal.Read("a").ShouldBe(Recovered.From(new Kept(6, 123456)));
    }

    [Fact]
    public void A_snapshot_may_stand_within_its_append()
    {
        using var journal = OpenToAppend();
        journal.Append("a", 0, [1, 2]);
        journal.Append("a", 2, [3, 4, 5], new Kept(4, 1234));

        journal.Read("a").ShouldBe(Recovered.From(new Kept(4, 1234), 5));
    }

    [Fact]
    public void Where_a_snapshot_is_declined_all_events_are_read()
    {
        using var journal = OpenToAppend();
        journal.Append("a", 0, [1, 2], new Kept(2, 12));
        journal.Append("a", 2, [3]);

        journal.Read("a", fromSnapshot: false).ShouldBe(Recovered.Events(1, 2, 3));
    }

    /// <summary>The next opening of the same journal within one test.</summary>
    private protected abstract IAppending OpenToAppend();
}

/// <summary>One opening of a journal. Events and states are numbers here: a journal does not look into them.</summary>
internal interface IAppending : IDisposable
{
    long Generation { get; }

    Appended Append(string job, long expected, IReadOnlyList<int> events, Kept? snapshot = null);

    Recovered Read(string job, bool fromSnapshot = true);
}

/// <summary>What became of an append.</summary>
internal enum Appended
{
    Written,

    /// <summary>The job has another number of events: another incarnation wrote.</summary>
    Conflict,

    /// <summary>The journal has been opened again since.</summary>
    Replaced,
}

/// <param name="Sequence">Number of the first event that the state does not include.</param>
internal readonly record struct Kept(long Sequence, int State);

/// <summary>What a machine is read from: a snapshot, if there is one, and the events after it.</summary>
internal readonly record struct Recovered(Kept? Snapshot, string After)
{
    public static Recovered Events(params IEnumerable<int> events) => new(null, string.Join(' ', events));

    public static Recovered From(Kept? snapshot, params IEnumerable<int> after) => new(snapshot, string.Join(' ', after));
}
