namespace AkkaCompute.Protocol.Time;

/// <summary>
/// The time that machines live by: it starts as the wall clock, goes on as time really passes, and nears the wall clock by at most
/// <see cref="SlewMax"/> of that. So a clock that is set neither freezes deadlines nor makes every node silent, times that are shown
/// become right again, and none is ever before an earlier one.
/// </summary>
public sealed class SteadyTime : TimeProvider
{
    /// <summary>A minute's error is gone after twenty; a deadline of 10 s comes half a second early or late at the most.</summary>
    public const double SlewMax = 0.05;

    // Shorter steps would round to no slew at all.
    private static readonly TimeSpan StepMin = TimeSpan.FromMilliseconds(1);

    private readonly Lock gate = new();
    private readonly TimeProvider wall;
    private long anchor;
    private DateTimeOffset atAnchor;
    private DateTimeOffset latest;

    /// <param name="wall">Its <see cref="TimeProvider.GetUtcNow"/> may jump, its timestamps and timers do not.</param>
    public SteadyTime(TimeProvider wall)
    {
        this.wall = wall;
        anchor = wall.GetTimestamp();
        atAnchor = wall.GetUtcNow();
        latest = atAnchor;
    }

    /// <summary>This process's, on the system's clocks.</summary>
    public static SteadyTime Process { get; } = new(System);

    public override TimeZoneInfo LocalTimeZone => wall.LocalTimeZone;

    public override long TimestampFrequency => wall.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            var timestamp = wall.GetTimestamp();
            var elapsed = wall.GetElapsedTime(anchor, timestamp);
            var now = atAnchor + elapsed;
            if (elapsed >= StepMin)
            {
                var slewMax = elapsed * SlewMax;
                var off = wall.GetUtcNow() - now;
                now += off > slewMax ? slewMax : off < -slewMax ? -slewMax : off;
                anchor = timestamp;
                atAnchor = now;
            }

            latest = now > latest ? now : latest;
            return latest;
        }
    }

    public override long GetTimestamp() => wall.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        wall.CreateTimer(callback, state, dueTime, period);
}
