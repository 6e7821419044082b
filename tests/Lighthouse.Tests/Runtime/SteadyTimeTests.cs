using AkkaCompute.Protocol.Time;

namespace AkkaCompute.Lighthouse.Tests.Runtime;

public sealed class SteadyTimeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly WallClock _wall = new();

    [Fact]
    public void It_is_the_wall_clock_as_long_as_nobody_sets_that()
    {
        var time = new SteadyTime(_wall);
        for (var i = 0; i < 1000; i++)
        {
            _wall.Pass(TimeSpan.FromMilliseconds(0.7));
            time.GetUtcNow().ShouldBe(_wall.GetUtcNow());
        }
    }

    [Fact]
    public void A_clock_set_back_stops_nothing_and_one_set_forward_hastens_nothing()
    {
        foreach (var step in new[] { TimeSpan.FromDays(-400), TimeSpan.FromDays(400) })
        {
            var time = new SteadyTime(_wall);
            var before = time.GetUtcNow();

            _wall.Set(step);
            time.GetUtcNow().ShouldBe(before);
            _wall.Pass(10 * Second);

            (time.GetUtcNow() - before).ShouldBe(10 * Second * (1 + SteadyTime.SlewMax * Math.Sign(step.Ticks)));
        }
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public void It_becomes_right_again_and_never_goes_back(int offSeconds)
    {
        var time = new SteadyTime(_wall);
        _wall.Set(offSeconds * Second);
        var before = time.GetUtcNow();
        for (var passed = TimeSpan.Zero; passed < 1201 * Second; passed += TimeSpan.FromMilliseconds(170))
        {
            _wall.Pass(TimeSpan.FromMilliseconds(170));
            var now = time.GetUtcNow();
            now.ShouldBeGreaterThan(before);
            before = now;
        }

        (time.GetUtcNow() - _wall.GetUtcNow()).Duration().ShouldBeLessThan(TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void A_reading_between_two_corrections_is_never_before_the_last()
    {
        var time = new SteadyTime(_wall);
        _wall.Set(TimeSpan.FromHours(-1));
        var before = time.GetUtcNow();
        for (var i = 0; i < 10_000; i++)
        {
            _wall.Pass(TimeSpan.FromTicks(7));
            var now = time.GetUtcNow();
            now.ShouldBeGreaterThanOrEqualTo(before);
            before = now;
        }

        (_wall.GetUtcNow() + TimeSpan.FromHours(1) - before).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(0.2)); // it does slew
    }

    [Fact]
    public async Task A_deadline_comes_although_the_clock_was_set_back()
    {
        using var folder = new TempFolder();
        var time = new SteadyTime(_wall);
        await using var host = new CounterHost(folder.Path, time);
        await host.AskAsync("a", reply => new WakeAt(time.GetUtcNow() + (10 * Second), reply));
        (await host.ReadAsync("a", m => m.Total)).ShouldBe(0); // the turn before this one has armed the deadline

        _wall.Set(TimeSpan.FromDays(-1));
        _wall.Pass(11 * Second);

        (await host.ReadAsync("a", m => m.Total)).ShouldBe(1000);
    }

    /// <summary>Somebody sets it; its timestamps and timers go on.</summary>
    private sealed class WallClock : TimeProvider
    {
        private readonly ManualTime _real = new();
        private TimeSpan _off;

        public override long TimestampFrequency => _real.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => _real.GetUtcNow() + _off;

        public override long GetTimestamp() => _real.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            _real.CreateTimer(callback, state, dueTime, period);

        public void Pass(TimeSpan by) => _real.Advance(by);

        public void Set(TimeSpan by) => _off += by;
    }
}
