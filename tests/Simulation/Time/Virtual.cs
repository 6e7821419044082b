namespace AkkaCompute.Simulation.Time;

/// <summary>Virtual time is a number of <see cref="TimeSpan"/> ticks since the start of a run.</summary>
internal static class Virtual
{
    public const long Microsecond = 10;
    public const long Millisecond = 1000 * Microsecond;
    public const long Second = 1000 * Millisecond;

    /// <summary>What the machines see as the start; any moment would do.</summary>
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset At(long time) => Epoch.AddTicks(time);

    public static long Seconds(double seconds) => (long)(seconds * Second);

    public static string Show(long time) => $"{(double)time / Second,10:F4}";
}
