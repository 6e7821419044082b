using AkkaCompute.Cli.Watch;

namespace AkkaCompute.Cli.Tests.Watch;

public sealed class PaceTests
{
    private const int Total = 1000;

    /// <summary>Tasks one by one, by eights at a time, and on a pool that doubles half-way: the guess counts down and stands still otherwise.</summary>
    [Theory]
    [InlineData(1, 0.5, 1)]
    [InlineData(8, 20, 1)]
    [InlineData(40, 60, 1)]
    public void What_is_left_counts_down_without_a_jump(int batch, double batchSeconds, int settled)
    {
        var pace = new Pace();
        var end = Total / (double)batch * batchSeconds;
        double? before = null;
        var jumps = new List<string>();
        for (var at = 0.0; at < end - batchSeconds; at += 0.25)
        {
            var done = (int)(at / batchSeconds) * batch;
            pace.Add(TimeSpan.FromSeconds(at), done);
            if (pace.LeftAt(TimeSpan.FromSeconds(at), Total - done)?.TotalSeconds is not { } left)
            {
                continue;
            }

            var really = end - at;
            Math.Abs(left - really).ShouldBeLessThan((really * 0.1) + settled + 1, $"at {at} of {end}");
            if (before is { } last && Math.Abs(left - (last - 0.25)) > Math.Max(1, last * 0.05))
            {
                jumps.Add($"{last} to {left} at {at}");
            }

            before = left;
        }

        before.ShouldNotBeNull();
        jumps.ShouldBeEmpty();
    }

    [Fact]
    public void A_pool_that_becomes_twice_as_fast_is_believed_in_time()
    {
        var pace = new Pace();
        TimeSpan? left = null;
        for (var at = 0; at <= 120; at++)
        {
            var done = at < 60 ? at * 2 : 120 + ((at - 60) * 4);
            pace.Add(TimeSpan.FromSeconds(at), done);
            left = pace.LeftAt(TimeSpan.FromSeconds(at), Total - done);
        }

        left.ShouldNotBeNull().TotalSeconds.ShouldBe((Total - 360) / 4.0, 20);
    }

    [Fact]
    public void One_that_stops_takes_longer_and_longer()
    {
        var pace = new Pace();
        for (var at = 0; at <= 100; at++)
        {
            pace.Add(TimeSpan.FromSeconds(at), at);
        }

        pace.LeftAt(TimeSpan.FromSeconds(100), 900).ShouldNotBeNull().TotalSeconds.ShouldBe(900, 1);
        pace.LeftAt(TimeSpan.FromSeconds(105), 900).ShouldNotBeNull().TotalSeconds.ShouldBe(895, 1); // nothing new yet
        for (var at = 105; at <= 400; at++)
        {
            pace.LeftAt(TimeSpan.FromSeconds(at), 900);
        }

        pace.LeftAt(TimeSpan.FromSeconds(400), 900).ShouldNotBeNull().TotalSeconds.ShouldBeGreaterThan(2000);
        pace.RateAt(TimeSpan.FromSeconds(400)).ShouldNotBeNull().ShouldBeLessThan(0.5);
    }

    [Fact]
    public void It_says_nothing_before_it_knows()
    {
        var pace = new Pace();
        pace.RateAt(TimeSpan.Zero).ShouldBeNull();
        pace.Add(TimeSpan.Zero, 5); // of an earlier watcher's time
        pace.LeftAt(TimeSpan.FromSeconds(60), 10).ShouldBeNull();
        pace.Add(TimeSpan.FromSeconds(60), 6);
        pace.LeftAt(TimeSpan.FromSeconds(60), 9).ShouldBeNull();
        pace.LeftAt(TimeSpan.FromSeconds(63), 9).ShouldNotBeNull().TotalSeconds.ShouldBe(9 * 60, 10);
    }

    [Fact]
    public void Millions_of_tasks_take_no_more_of_it_than_a_hundred()
    {
        var pace = new Pace();
        for (var i = 0; i < 1_000_000; i++)
        {
            pace.Add(TimeSpan.FromMilliseconds(i), i);
        }

        pace.RateAt(TimeSpan.FromSeconds(1000)).ShouldNotBeNull().ShouldBe(1000, 20);
    }
}
