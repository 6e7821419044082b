namespace AkkaCompute.Protocol.Machines;

/// <summary>What a batch of messages led to: release <see cref="Outbox"/> only when <see cref="Durable"/> is on disk.</summary>
/// <param name="FirstSequence">Sequence number of the first durable event; the append expects it to be the next one.</param>
public sealed record Batch<TEvent>(long FirstSequence, IReadOnlyList<TEvent> Durable, IReadOnlyList<Envelope> Outbox);

/// <summary>
/// Drives one incarnation of a machine, alike in every host. Not thread-safe: its host owns it.
/// An exception from it, or a failed append of what <see cref="Take"/> gave, ends the incarnation: discard the loop and replay.
/// </summary>
public sealed class Loop<TMachine, TEvent>
    where TMachine : IMachine<TMachine, TEvent>
    where TEvent : notnull
{
    private readonly List<TEvent> durable = [];
    private readonly List<Envelope> outbox = [];
    private DateTimeOffset latest = DateTimeOffset.MinValue;

    public Loop(Address self) => Machine = TMachine.Create(self);

    public TMachine Machine { get; private set; }

    /// <summary>Number of durable events applied so far; the first has sequence number 0.</summary>
    public long Sequence { get; private set; }

    public DateTimeOffset? Deadline => Machine.Deadline;

    /// <summary>Begins recovery at a snapshot.</summary>
    /// <param name="machine">Its state after the first <paramref name="sequence"/> durable events.</param>
    public void Restore(TMachine machine, long sequence)
    {
        Machine = machine;
        Sequence = sequence;
    }

    /// <summary>Applies one journaled event during recovery.</summary>
    public void Replay(TEvent e)
    {
        Machine = Machine.Apply(e);
        Sequence++;
    }

    /// <summary>Decides and applies one message in memory. An early or stale tick is dropped; arm <see cref="Deadline"/> again.</summary>
    /// <exception cref="InvalidOperationException">A due tick yielded no event: the machine would spin.</exception>
    public void Deliver(Message message, DateTimeOffset now)
    {
        latest = now > latest ? now : latest;
        if (message is Tick && !(Machine.Deadline <= latest))
        {
            return;
        }

        var step = Machine.Decide(message, latest);
        if (message is Tick && step.Events.Count == 0)
        {
            throw new InvalidOperationException($"{typeof(TMachine).Name} was due at {Machine.Deadline:O} and decided nothing at {latest:O}");
        }

        foreach (var e in step.Events)
        {
            Machine = Machine.Apply(e);
            if (e is not IVolatileEvent)
            {
                durable.Add(e);
                Sequence++;
            }
        }

        outbox.AddRange(step.Outbox);
    }

    /// <summary>What has gathered since the last call.</summary>
    public Batch<TEvent> Take()
    {
        var batch = new Batch<TEvent>(Sequence - durable.Count, [.. durable], [.. outbox]);
        durable.Clear();
        outbox.Clear();
        return batch;
    }
}
