using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Protocol.Tests.Machines;

/// <summary>The rules that make all hosts behave alike.</summary>
public sealed class LoopTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Address Friend = Address.Client("friend");

    private readonly Loop<Alarm, AlarmEvent> _loop = new(Address.Job("alarm"));

    [Fact]
    public void Given_a_message_when_it_is_delivered_then_its_events_are_applied_and_wait_for_the_journal()
    {
        _loop.Deliver(new SetAlarm(Noon.AddSeconds(5)), Noon);

        _loop.Deadline.ShouldBe(Noon.AddSeconds(5));
        _loop.Sequence.ShouldBe(1);
        var batch = _loop.Take();
        batch.FirstSequence.ShouldBe(0);
        batch.Durable.ShouldBe([new AlarmSet(Noon.AddSeconds(5))]);
        batch.Outbox.ShouldBe([new Envelope(Friend, new Said("set"))]);
    }

    [Fact]
    public void Given_a_deadline_when_a_tick_is_early_then_it_is_dropped_and_the_deadline_stays_to_be_armed()
    {
        _loop.Deliver(new SetAlarm(Noon.AddSeconds(5)), Noon);
        _loop.Take();

        _loop.Deliver(Tick.Instance, Noon.AddSeconds(5).AddTicks(-1));

        _loop.Machine.Asked.ShouldBe(1); // the machine has not heard of it
        _loop.Take().Outbox.ShouldBeEmpty();
        _loop.Deadline.ShouldBe(Noon.AddSeconds(5));
    }

    [Fact]
    public void Given_no_deadline_when_a_stale_tick_comes_then_it_is_dropped()
    {
        _loop.Deliver(Tick.Instance, Noon);

        _loop.Machine.Asked.ShouldBe(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Given_a_deadline_when_the_tick_is_due_then_it_is_decided_once(int late)
    {
        _loop.Deliver(new SetAlarm(Noon.AddSeconds(5)), Noon);
        _loop.Take();

        _loop.Deliver(Tick.Instance, Noon.AddSeconds(5 + late));
        _loop.Deliver(Tick.Instance, Noon.AddSeconds(5 + late)); // stale by now

        var batch = _loop.Take();
        batch.Durable.ShouldBe([new AlarmRang(Noon.AddSeconds(5 + late))]);
        batch.FirstSequence.ShouldBe(1);
        _loop.Deadline.ShouldBeNull();
    }

    [Fact]
    public void Given_a_due_tick_when_the_machine_decides_nothing_then_it_throws_for_it_would_spin()
    {
        _loop.Deliver(new SetAlarm(Noon), Noon);
        _loop.Deliver(new Break(), Noon);

        Should.Throw<InvalidOperationException>(() => _loop.Deliver(Tick.Instance, Noon)).Message.ShouldContain("Alarm");
    }

    [Fact]
    public void Given_a_clock_that_steps_back_when_messages_come_then_now_never_decreases()
    {
        _loop.Deliver(new Remember(), Noon);
        _loop.Deliver(new Remember(), Noon.AddHours(-1));
        _loop.Deliver(new Remember(), Noon.AddSeconds(1));

        _loop.Take().Durable.ShouldBe([new Remembered(Noon), new Remembered(Noon), new Remembered(Noon.AddSeconds(1))]);
    }

    [Fact]
    public void Given_a_clock_that_steps_back_when_a_tick_comes_then_it_is_due_by_the_latest_now()
    {
        _loop.Deliver(new SetAlarm(Noon.AddSeconds(5)), Noon.AddSeconds(6));
        _loop.Take();

        _loop.Deliver(Tick.Instance, Noon);

        _loop.Take().Durable.ShouldBe([new AlarmRang(Noon.AddSeconds(6))]);
    }

    [Fact]
    public void Given_a_step_without_events_when_it_is_taken_then_it_skips_the_journal_and_still_sends()
    {
        _loop.Deliver(new Ask("time"), Noon);

        var batch = _loop.Take();
        batch.Durable.ShouldBeEmpty();
        batch.Outbox.ShouldBe([new Envelope(Friend, new Said("time"))]);
        _loop.Sequence.ShouldBe(0);
    }

    [Fact]
    public void Given_the_default_step_then_it_is_nothing()
    {
        default(Step<AlarmEvent>).Events.ShouldBeEmpty();
        default(Step<AlarmEvent>).Outbox.ShouldBeEmpty();
        new Draft<AlarmEvent>().ToStep().ShouldBe(Step<AlarmEvent>.Nothing);

        _loop.Deliver(new Break(), Noon);

        _loop.Take().Outbox.ShouldBeEmpty();
    }

    [Fact]
    public void Given_a_volatile_event_then_it_is_applied_and_never_journaled()
    {
        _loop.Deliver(new Whisper(), Noon);

        _loop.Machine.Whispers.ShouldBe(1);
        _loop.Sequence.ShouldBe(0);
        _loop.Take().Durable.ShouldBeEmpty();
    }

    [Fact]
    public void Given_several_messages_when_they_are_taken_then_they_are_one_batch_in_order_and_the_next_begins_after_it()
    {
        _loop.Deliver(new Remember(), Noon);
        _loop.Deliver(new Ask("a"), Noon);
        _loop.Deliver(new Whisper(), Noon);
        _loop.Deliver(new SetAlarm(Noon.AddDays(1)), Noon);

        var batch = _loop.Take();
        batch.Durable.ShouldBe([new Remembered(Noon), new AlarmSet(Noon.AddDays(1))]);
        batch.Outbox.Select(e => ((Said)e.Message).What).ShouldBe(["a", "set"]);
        _loop.Take().Durable.ShouldBeEmpty();
        _loop.Deliver(new Remember(), Noon);
        _loop.Take().FirstSequence.ShouldBe(2);
    }

    [Fact]
    public void Given_a_journal_when_it_is_replayed_then_nothing_is_sent_and_an_overdue_deadline_ticks_at_once()
    {
        _loop.Replay(new AlarmSet(Noon));

        _loop.Sequence.ShouldBe(1);
        _loop.Take().ShouldSatisfyAllConditions(b => b.Durable.ShouldBeEmpty(), b => b.Outbox.ShouldBeEmpty(), b => b.FirstSequence.ShouldBe(1));
        _loop.Deadline.ShouldBe(Noon);
        _loop.Deliver(Tick.Instance, Noon.AddHours(1));
        _loop.Take().Durable.ShouldBe([new AlarmRang(Noon.AddHours(1))]);
    }

    [Theory]
    [InlineData("job/k3v9x2mq", AddressKind.Job, "k3v9x2mq")]
    [InlineData("fleet/", AddressKind.Fleet, "")]
    [InlineData("node/n-1", AddressKind.Node, "n-1")]
    [InlineData("executor/", AddressKind.Executor, "")]
    [InlineData("client/", AddressKind.Client, "")]
    public void An_address_is_read_as_it_is_written(string text, AddressKind kind, string id)
    {
        Address.TryParse(text, out var address).ShouldBeTrue();

        address.ShouldBe(new Address(kind, id));
        address.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("job")]
    [InlineData("Job/a")]
    [InlineData("0/a")]
    [InlineData("job/A")]
    [InlineData("job/a/b")]
    [InlineData("other/a")]
    public void Anything_else_is_no_address(string? text)
    {
        Address.TryParse(text, out var address).ShouldBeFalse();

        address.ShouldBe(Address.None);
    }
}
