using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Faults;

/// <summary>Puts a profile's crashes, cuts and sleeps at random moments, and heals everything at the end.</summary>
internal static class FaultPlan
{
    public static void Schedule(SimulatedPool pool, Rng rng)
    {
        var faults = pool.Faults;

        void Spread(int count, Action<SimNode> strike)
        {
            for (var i = 0; i < count; i++)
            {
                var node = pool.Nodes[rng.Below(pool.Nodes.Count)];
                pool.Queue.At(rng.Between(Virtual.Second, faults.FaultsUntil), () => strike(node));
            }
        }

        Spread(faults.LighthouseCrashes, _ => pool.Lighthouse.Crash(rng.Between(100 * Virtual.Millisecond, 8 * Virtual.Second)));
        Spread(faults.NodeCrashes, n => n.Crash(powerLoss: false, rng.Between(200 * Virtual.Millisecond, 60 * Virtual.Second)));
        Spread(faults.NodePowerLosses, n => n.Crash(powerLoss: true, rng.Between(2 * Virtual.Second, 60 * Virtual.Second)));
        Spread(faults.LinksClosed, n => n.Link.Break());
        Spread(faults.LinksSilent, n => n.Link.Cut(rng.Between(100 * Virtual.Millisecond, 40 * Virtual.Second)));
        Spread(faults.Sleeps, n => n.Sleep(rng.Between(Virtual.Second, 120 * Virtual.Second)));
        Spread(faults.Drains, n => n.Drain(rng.Between(Virtual.Second, 40 * Virtual.Second)));
        Spread(faults.LendChanges, n => n.ChangeLoan(rng));
        pool.Queue.At(faults.FaultsUntil, pool.Heal);
    }
}
