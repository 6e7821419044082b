using System.Threading.Channels;

namespace AkkaCompute.ComputeNode.Tests.Link;

/// <summary>A clock that stands still until a test moves it. <see cref="ArmedAsync"/> tells which waits were begun.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private readonly Channel<TimeSpan> armed = Channel.CreateUnbounded<TimeSpan>();
    private DateTimeOffset now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>The next wait that was begun and not yet told.</summary>
    public async Task<TimeSpan> ArmedAsync(CancellationToken cancel) => await armed.Reader.ReadAsync(cancel);

    public void Advance(TimeSpan time)
    {
        DateTimeOffset target;
        lock (gate)
        {
            target = now + time;
        }

        while (true)
        {
            ManualTimer? due;
            lock (gate)
            {
                due = timers.Where(t => t.Due <= target).MinBy(t => t.Due);
                now = due is null ? target : due.Due!.Value > now ? due.Due.Value : now;
                due?.Rearm();
            }

            if (due is null)
            {
                return;
            }

            due.Fire();
        }
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period;

        public DateTimeOffset? Due { get; private set; }

        public void Fire() => callback(state);

        public void Rearm() => Due = period > TimeSpan.Zero ? Due + period : null;

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            lock (time.gate)
            {
                period = newPeriod;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : time.now + dueTime;
                time.timers.Remove(this);
                time.timers.Add(this);
            }

            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                time.armed.Writer.TryWrite(dueTime);
            }

            return true;
        }

        public void Dispose()
        {
            lock (time.gate)
            {
                Due = null;
                time.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
