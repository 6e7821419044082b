using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>Rings at the last moment that was asked for, by its process's time; what was asked before is forgotten.</summary>
/// <param name="plan">Puts an action at a moment, if its owner is still there and awake.</param>
internal sealed class Alarm(EventQueue queue, TimeProvider time, string actor, Action<long, Action> plan, Action ring)
{
    /// <summary>More ticks than this within one moment are a machine that spins.</summary>
    private const int RingsAtOnceMax = 1000;

    /// <summary>Timers have an upper bound; one that comes early is set again.</summary>
    private const long WaitMsMax = 24 * 3600 * 1000;

    private DateTimeOffset? armed;
    private long planned = long.MaxValue;
    private long lastRing = -1;
    private int ringsAtOnce;

    public void Set(DateTimeOffset? due)
    {
        armed = due;
        if (due is { } at)
        {
            Plan(at);
        }
    }

    private void Plan(DateTimeOffset due)
    {
        var wait = due - time.GetUtcNow();
        // As the timers of real hosts: whole milliseconds, at least one. By another clock it may come early; then it is set again.
        var at = queue.Now + (wait <= TimeSpan.Zero ? 0 : Math.Clamp((long)Math.Ceiling(Math.Min(wait.TotalMilliseconds, WaitMsMax)), 1, WaitMsMax) * Virtual.Millisecond);
        if (at >= planned)
        {
            return; // the one that is planned looks again
        }

        planned = at;
        plan(at, () =>
        {
            if (planned == at)
            {
                planned = long.MaxValue;
                Look();
            }
        });
    }

    private void Look()
    {
        if (armed is not { } due)
        {
            return;
        }

        if (due > time.GetUtcNow())
        {
            Plan(due);
            return;
        }

        armed = null;
        CountRing();
        ring();
    }

    private void CountRing()
    {
        ringsAtOnce = lastRing == queue.Now ? ringsAtOnce + 1 : 0;
        lastRing = queue.Now;
        if (ringsAtOnce > RingsAtOnceMax)
        {
            throw new ViolationException(new Violation(Rule.Progress, $"{actor} ticks for ever at one moment", null, actor));
        }
    }
}
