using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Faults;

/// <summary>Puts a profile's crashes, cuts and sleeps at random moments, and heals everything at the end.</summary>
internal static class FaultPlan
{
    private const long ClockJumpMax = 3600 * Virtual.Second;

    public static void Schedule(SimulatedPool pool, Rng rng)
    {
        foreach (var kind in FaultKinds.All.Where(k => FaultKinds.Rates(k) is null))
        {
            var own = rng.Fork(kind.ToString());
            for (var i = 0; i < pool.Faults.Count(kind); i++)
            {
                // Each strike has its own numbers: one that misses its target leaves the others as they were.
                var node = pool.Nodes[own.Below(pool.Nodes.Count)];
                var at = own.Between(Virtual.Second, pool.Faults.PlannedUntil);
                var numbers = own.Fork("strike");
                if (at < pool.Faults.FaultsUntil)
                {
                    pool.Queue.At(at, () => Strike(pool, kind, node, numbers));
                }
            }
        }

        pool.Queue.At(pool.Faults.FaultsUntil, pool.Heal);
    }

    private static void Strike(SimulatedPool pool, FaultKind kind, SimNode node, Rng rng)
    {
        switch (kind)
        {
            case FaultKind.LighthouseCrash:
                pool.Lighthouse.Crash(kind, rng.Between(100 * Virtual.Millisecond, 8 * Virtual.Second));
                break;
            case FaultKind.LighthousePaused:
                pool.Lighthouse.Pause(rng.Between(Virtual.Second, 60 * Virtual.Second), rng.Between(Virtual.Second, 20 * Virtual.Second));
                break;
            case FaultKind.LighthouseClockJump:
                pool.Lighthouse.JumpClock(rng.Between(-ClockJumpMax, ClockJumpMax));
                break;
            case FaultKind.JournalFull:
                pool.Lighthouse.Disk.Fill(kind, rng.Between(Virtual.Second, 30 * Virtual.Second));
                break;
            case FaultKind.StoreFull:
                pool.Lighthouse.Disk.Fill(kind, rng.Between(Virtual.Second, 30 * Virtual.Second));
                break;
            case FaultKind.NodeCrash:
                // Some come back before anybody missed them.
                node.Crash(kind, rng.Between(20 * Virtual.Millisecond, rng.Pick(100 * Virtual.Millisecond, Virtual.Second, 60 * Virtual.Second)));
                break;
            case FaultKind.NodePowerLoss:
                node.Crash(kind, rng.Between(2 * Virtual.Second, 60 * Virtual.Second));
                break;
            case FaultKind.LinkClosed:
                node.Link.Break();
                break;
            case FaultKind.LinkSilent or FaultKind.LinkSilentUp or FaultKind.LinkSilentDown:
                node.Link.Cut(kind, rng.Between(100 * Virtual.Millisecond, 40 * Virtual.Second));
                break;
            case FaultKind.Partition:
                Partition(pool, rng);
                break;
            case FaultKind.NodeAsleep:
                node.Sleep(rng.Between(Virtual.Second, 240 * Virtual.Second), clockStands: rng.Chance(0.5));
                break;
            case FaultKind.NodeClockJump:
                node.JumpClock(rng.Between(-ClockJumpMax, ClockJumpMax));
                break;
            case FaultKind.NodeDrained:
                node.Drain(rng.Between(Virtual.Second, 40 * Virtual.Second));
                break;
            case FaultKind.LendChanged:
                node.ChangeLoan(rng);
                break;
            case FaultKind.NodeLies:
                node.Lie(rng);
                break;
            default:
                node.Ail(kind, rng.Between(Virtual.Second, 40 * Virtual.Second));
                break;
        }
    }

    /// <summary>Consecutive nodes, as the machines of one room are.</summary>
    private static void Partition(SimulatedPool pool, Rng rng)
    {
        var first = rng.Below(pool.Nodes.Count);
        var count = Math.Max(1, rng.Between(pool.Nodes.Count / 10, pool.Nodes.Count * 9 / 10));
        var direction = rng.Pick(FaultKind.LinkSilent, FaultKind.LinkSilent, FaultKind.LinkSilentUp, FaultKind.LinkSilentDown);
        var duration = rng.Between(Virtual.Second, 40 * Virtual.Second);
        pool.Tally.Count(FaultKind.Partition);
        for (var i = 0; i < count; i++)
        {
            pool.Nodes[(first + i) % pool.Nodes.Count].Link.Cut(direction, duration, partOfPartition: true);
        }
    }
}
