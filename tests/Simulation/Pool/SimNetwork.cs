using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>One direction of a connection: what is not deliberately reordered arrives in the order in which it was sent.</summary>
internal sealed class Pipe
{
    public long LastArrival { get; set; }
}

/// <summary>When a message arrives, how often, and whether at all. Each kind of fault has numbers of its own.</summary>
internal sealed class SimNetwork(EventQueue queue, FaultProfile faults, FaultTally tally, Rng rng)
{
    private const long LatencyMin = 100 * Virtual.Microsecond;
    private const long LocalLatencyMax = 200 * Virtual.Microsecond;

    /// <summary>How far a message may be overtaken.</summary>
    private const long ReorderMax = Virtual.Second;

    private readonly Rng latency = rng.Fork("latency");
    private readonly Dice dropped = new(FaultKind.MessageDropped, faults, tally, rng);
    private readonly Dice duplicated = new(FaultKind.MessageDuplicated, faults, tally, rng);
    private readonly Dice reordered = new(FaultKind.MessageReordered, faults, tally, rng);
    private readonly Dice localDropped = new(FaultKind.LocalDropped, faults, tally, rng);
    private readonly Dice localReordered = new(FaultKind.LocalReordered, faults, tally, rng);
    private readonly Dice localDuplicated = new(FaultKind.LocalDuplicated, faults, tally, rng);
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

        if (dropped.Strikes())
        {
            return;
        }

        if (reordered.Strikes())
        {
            queue.After(Latency() + reordered.Own.Between(0, ReorderMax), arrive);
        }
        else
        {
            TransmitSafely(pipe, arrive);
        }

        if (duplicated.Strikes())
        {
            queue.After(Latency() + duplicated.Own.Between(0, ReorderMax), arrive);
        }
    }

    /// <summary>A connection's own words (hello, welcome, close): delayed, never lost while the connection lives.</summary>
    public void TransmitSafely(Pipe pipe, Action arrive)
    {
        pipe.LastArrival = Math.Max(queue.Now + Latency(), pipe.LastArrival);
        queue.At(pipe.LastArrival, arrive);
    }

    /// <summary>Between two machines of the Lighthouse: fast, mostly in order, and it may lose.</summary>
    /// <param name="mailbox">Of the one who gets it.</param>
    /// <param name="arriveAt">Called with the moment of each arrival.</param>
    public void TransmitLocally(Pipe mailbox, Action<long> arriveAt)
    {
        if (!healed && localDropped.Strikes())
        {
            return;
        }

        if (!healed && localReordered.Strikes())
        {
            arriveAt(queue.Now + localReordered.Own.Between(0, 5 * LocalLatencyMax));
        }
        else
        {
            mailbox.LastArrival = Math.Max(mailbox.LastArrival, queue.Now + latency.Between(0, LocalLatencyMax));
            arriveAt(mailbox.LastArrival);
        }

        if (!healed && localDuplicated.Strikes())
        {
            arriveAt(queue.Now + localDuplicated.Own.Between(0, ReorderMax));
        }
    }

    private long Latency() => latency.Between(LatencyMin, faults.LatencyMax);

    /// <summary>Whether a message is struck by one kind of fault.</summary>
    private sealed class Dice(FaultKind kind, FaultProfile faults, FaultTally tally, Rng rng)
    {
        private readonly double rate = faults.Rate(kind);

        public Rng Own { get; } = rng.Fork(kind.ToString());

        public bool Strikes()
        {
            if (!Own.Chance(rate))
            {
                return false;
            }

            tally.Count(kind);
            return true;
        }
    }
}
