namespace AkkaCompute.Protocol.Machines;

/// <summary>
/// A deterministic state machine: no I/O, no clock, no randomness inside; time, ids and seeds arrive as data.
/// <see cref="Decide"/> changes nothing and <see cref="Apply"/> changes the state by one event (in place or not);
/// replaying the same events gives the same state. Every host drives it through <see cref="Loop{TMachine,TEvent}"/>.
/// </summary>
public interface IMachine<TSelf, TEvent>
    where TSelf : IMachine<TSelf, TEvent>
    where TEvent : notnull
{
    static abstract TSelf Create(Address self);

    /// <summary>What <paramref name="message"/> leads to. <paramref name="now"/> never decreases within one incarnation.</summary>
    Step<TEvent> Decide(Message message, DateTimeOffset now);

    TSelf Apply(TEvent e);

    /// <summary>When the machine wants a <see cref="Tick"/>; a due tick must yield at least one event.</summary>
    DateTimeOffset? Deadline { get; }
}

/// <summary>
/// An event that a host applies but never writes to a journal: what it says is true of this incarnation alone
/// (a request was sent at a time, a lease is held). After recovery the machine stands as if it had not happened.
/// </summary>
public interface IVolatileEvent;

/// <summary>What a decision yields: events to journal and apply, then envelopes to send. <c>default</c> is nothing.</summary>
public readonly record struct Step<TEvent>(IReadOnlyList<TEvent>? EventsOrNull, IReadOnlyList<Envelope>? OutboxOrNull)
{
    public static readonly Step<TEvent> Nothing;

    public IReadOnlyList<TEvent> Events => EventsOrNull ?? [];

    public IReadOnlyList<Envelope> Outbox => OutboxOrNull ?? [];
}
