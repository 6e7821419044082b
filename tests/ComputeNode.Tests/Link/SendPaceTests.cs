using AkkaCompute.ComputeNode.Link;

namespace AkkaCompute.ComputeNode.Tests.Link;

public sealed class SendPaceTests
{
    private readonly ManualTime time = new();
    private readonly SendPace pace;

    public SendPaceTests() => pace = new SendPace(time);

    [Fact]
    public void Four_writes_within_25_ms_are_busy_and_three_are_not()
    {
        pace.IsBusy.ShouldBeFalse();
        Write(3, everyMs: 1);
        pace.IsBusy.ShouldBeFalse();
        Write(1, everyMs: 0);
        pace.IsBusy.ShouldBeTrue();
    }

    [Fact]
    public void It_is_over_when_the_fourth_last_write_is_25_ms_ago()
    {
        Write(4, everyMs: 0);
        time.Advance(TimeSpan.FromMilliseconds(24));
        pace.IsBusy.ShouldBeTrue();
        time.Advance(TimeSpan.FromMilliseconds(1));
        pace.IsBusy.ShouldBeFalse();
    }

    [Fact]
    public void One_task_after_the_other_never_waits()
    {
        for (var i = 0; i < 20; i++)
        {
            Write(1, everyMs: 9);
            pace.IsBusy.ShouldBeFalse();
        }
    }

    [Fact]
    public void Gathering_keeps_it_busy()
    {
        Write(4, everyMs: 0);
        for (var i = 0; i < 20; i++)
        {
            pace.IsBusy.ShouldBeTrue();
            time.Advance(SendPace.GatherFor);
            Write(1, everyMs: 0);
        }
    }

    private void Write(int count, double everyMs)
    {
        for (var i = 0; i < count; i++)
        {
            pace.Wrote();
            time.Advance(TimeSpan.FromMilliseconds(everyMs));
        }
    }
}
