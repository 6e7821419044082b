using AkkaCompute.Protocol.Time;

namespace AkkaCompute.Simulation.Time;

/// <summary>
/// A computer's clocks: the wall clock, which is wrong and may jump, and the steady one, which may stand still in sleep.
/// A process lives by the <see cref="SteadyTime"/> of its computer, as in production.
/// </summary>
internal sealed class SimClock(EventQueue queue, long error) : TimeProvider
{
    private long stoodStill;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Virtual.At(queue.Now + error);

    public override long GetTimestamp() => queue.Now - stoodStill;

    public SteadyTime Process() => new(this);

    public void Jump(long by) => error += by;

    public void StandStill(long duration) => stoodStill += duration;
}
