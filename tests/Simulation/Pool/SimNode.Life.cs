using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

// How its process ends, sleeps and comes back.
internal sealed partial class SimNode
{
    /// <summary>An owner who has asked a node to leave and waits no longer than this ends the process.</summary>
    private const long DrainPatience = 15 * Virtual.Second;

    private long asleepUntil;
    private bool draining;

    public void Crash(FaultKind kind, long downFor)
    {
        if (IsRunning)
        {
            pool.Tally.Count(kind);
            asleepUntil = 0;
            End(silently: kind == FaultKind.NodePowerLoss, goodbye: false);
            Restart(downFor);
        }
    }

    public void Drain(long downFor)
    {
        if (!IsRunning || draining || asleepUntil > pool.Queue.Now)
        {
            return;
        }

        draining = true;
        Disturbed();
        pool.Tally.Count(FaultKind.NodeDrained);
        After(DrainPatience, () => End(silently: false, goodbye: false));
        Restart(DrainPatience + downFor);
        Tell(new Drain());
    }

    /// <param name="clockStands">Whether its steady clock stands still meanwhile, as it does on some systems.</param>
    public void Sleep(long duration, bool clockStands)
    {
        if (!IsRunning || IsAsleep)
        {
            return;
        }

        asleepUntil = Math.Min(pool.Queue.Now + duration, pool.Faults.FaultsUntil);
        if (clockStands)
        {
            clock.StandStill(asleepUntil - pool.Queue.Now);
        }

        pool.Tally.Count(FaultKind.NodeAsleep);
        Disturbed();
        pool.Trace.Add(pool.Queue.Now, Id, "sleeps");
        Link.OwnerSleeps();
    }

    public void JumpClock(long by)
    {
        pool.Tally.Count(FaultKind.NodeClockJump);
        pool.Trace.Add(pool.Queue.Now, Id, "clock", Virtual.Show(by));
        clock.Jump(by);
    }

    private void Restart(long downFor)
    {
        var from = pool.Queue.Now;
        var soonest = pool.Faults.FaultsUntil - from + Virtual.Second;
        var incarnation = Incarnation;
        pool.Queue.After(Math.Max(Math.Min(downFor, soonest), 10 * Virtual.Millisecond), () =>
        {
            if (IsRunning && incarnation == Incarnation)
            {
                Restart(Virtual.Second); // it still drains
            }
            else if (incarnation == Incarnation)
            {
                Start();
            }
        });
    }

    private void End(bool silently, bool goodbye)
    {
        IsRunning = false;
        EndedLoudlyAt = silently || Link.IsCutUp ? null : pool.Queue.Now;
        Disturbed();
        pool.Trace.Add(pool.Queue.Now, Id, goodbye ? "leaves" : "dies", BootId);
        pool.Auditor?.NodeEnded(Id, BootId, goodbye);
        Link.ProcessEnded(silently, goodbye);
    }
}
