using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>One direction of a connection: what is not deliberately reordered arrives in the order in which it was sent.</summary>
internal sealed class Pipe
{
    public long LastArrival { get; set; }
}

/// <summary>When a message arrives, how often, and whether at all.</summary>
internal sealed class SimNetwork(EventQueue queue, FaultProfile faults, FaultTally tally, Rng rng)
{
    private const long LatencyMin = 100 * Virtual.Microsecond;
    private const long LocalLatencyMax = 200 * Virtual.Microsecond;

    /// <summary>How far a message may be overtaken.</summary>
    private const long ReorderMax = Virtual.Second;

    private bool healed;

    /// <summary>From now on nothing is lost, doubled or overtaken.</summary>
    public void Heal() => healed = true;

    /// <summary>A machine's message over a link.</summary>
    public void Transmit(Pipe pipe, Action arrive)
    {
        if (healed)
        {
            TransmitSafely(pipe, arrive);
            return;
        }

        if (rng.Chance(faults.Drop))
        {
            tally.Count(FaultKind.MessageDropped);
            return;
        }

        if (rng.Chance(faults.Reorder))
        {
            tally.Count(FaultKind.MessageReordered);
            queue.After(Latency() + rng.Between(0, ReorderMax), arrive);
        }
        else
        {
            TransmitSafely(pipe, arrive);
        }

        if (rng.Chance(faults.Duplicate))
        {
            tally.Count(FaultKind.MessageDuplicated);
            queue.After(Latency() + rng.Between(0, ReorderMax), arrive);
        }
    }

    /// <summary>A connection's own words (hello, welcome, close): delayed, never lost while the connection lives.</summary>
    public void TransmitSafely(Pipe pipe, Action arrive)
    {
        pipe.LastArrival = Math.Max(queue.Now + Latency(), pipe.LastArrival);
        queue.At(pipe.LastArrival, arrive);
    }

    /// <summary>Between two machines of the Lighthouse: fast, in no order that anyone may rely on, and it may lose.</summary>
    public void TransmitLocally(Action arrive)
    {
        if (!healed && rng.Chance(faults.LocalDrop))
        {
            tally.Count(FaultKind.MessageDropped);
            return;
        }

        queue.After(rng.Between(0, LocalLatencyMax), arrive);
        if (!healed && rng.Chance(faults.LocalDrop))
        {
            tally.Count(FaultKind.MessageDuplicated);
            queue.After(rng.Between(0, LocalLatencyMax), arrive);
        }
    }

    public long Latency() => rng.Between(LatencyMin, faults.LatencyMax);
}
