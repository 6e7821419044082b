using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>Rings at the last moment that was asked for; what was asked before is forgotten.</summary>
/// <param name="plan">Puts an action at a moment, if its owner is still there and awake.</param>
internal sealed class Alarm(EventQueue queue, string actor, Action<long, Action> plan, Action ring)
{
    /// <summary>More ticks than this within one moment are a machine that spins.</summary>
    private const int RingsAtOnceMax = 1000;

    private long armed = -1;
    private long lastRing = -1;
    private int ringsAtOnce;

    public void Set(long? due)
    {
        if (due is not { } at)
        {
            armed = -1;
            return;
        }

        at = Math.Max(at, queue.Now);
        if (at == armed)
        {
            return;
        }

        armed = at;
        plan(at, () =>
        {
            if (armed == at)
            {
                armed = -1;
                CountRing();
                ring();
            }
        });
    }

    private void CountRing()
    {
        ringsAtOnce = lastRing == queue.Now ? ringsAtOnce + 1 : 0;
        lastRing = queue.Now;
        if (ringsAtOnce > RingsAtOnceMax)
        {
            throw new ViolationException(new Violation("machines make progress", $"{actor} ticks for ever at one moment", null, actor));
        }
    }
}
