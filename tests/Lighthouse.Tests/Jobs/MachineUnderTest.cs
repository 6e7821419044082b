using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>One machine on the real loop; the test owns its time and its journal.</summary>
internal class MachineUnderTest<TMachine, TEvent>(Address self)
    where TMachine : IMachine<TMachine, TEvent>
    where TEvent : notnull
{
    private Loop<TMachine, TEvent> loop = new(self);

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public List<TEvent> Journal { get; } = [];

    public TMachine Machine => loop.Machine;

    public DateTimeOffset? Deadline => loop.Deadline;

    /// <summary>What is sent, with all that is due at once after it.</summary>
    public IReadOnlyList<Envelope> Tell(Message message)
    {
        loop.Deliver(message, Now);
        return [.. Take(), .. TickWhatIsDue()];
    }

    /// <summary>What is sent, without what is due at once after it: that waits for the next.</summary>
    public IReadOnlyList<Envelope> TellAlone(Message message)
    {
        loop.Deliver(message, Now);
        return [.. Take()];
    }

    /// <summary>What is sent while time passes.</summary>
    public IReadOnlyList<Envelope> Wait(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        var sent = new List<Envelope>();
        while (loop.Deadline is { } due && due <= end)
        {
            Now = due > Now ? due : Now;
            sent.AddRange(TickWhatIsDue());
        }

        Now = end;
        return sent;
    }

    /// <summary>Another incarnation, of the journal alone.</summary>
    public void Restart(Func<TEvent, TEvent> copy)
    {
        loop = new Loop<TMachine, TEvent>(self);
        foreach (var e in Journal)
        {
            loop.Replay(copy(e));
        }
    }

    /// <summary>Another incarnation, of a state after all events of the journal.</summary>
    public void Restart(TMachine restored)
    {
        loop = new Loop<TMachine, TEvent>(self);
        loop.Restore(restored, Journal.Count);
    }

    private List<Envelope> TickWhatIsDue()
    {
        var sent = new List<Envelope>();
        for (var ticks = 0; loop.Deadline <= Now; ticks++)
        {
            ticks.ShouldBeLessThan(10_000, "the machine spins");
            loop.Deliver(Tick.Instance, Now);
            sent.AddRange(Take());
        }

        return sent;
    }

    private IReadOnlyList<Envelope> Take()
    {
        var batch = loop.Take();
        batch.FirstSequence.ShouldBe(Journal.Count);
        Journal.AddRange(batch.Durable);
        return batch.Outbox;
    }
}

internal static class EnvelopeExtensions
{
    /// <summary>The messages of one kind, in order.</summary>
    public static List<T> Of<T>(this IEnumerable<Envelope> sent)
        where T : Message => [.. sent.Select(e => e.Message).OfType<T>()];

    /// <summary>The one message of a kind.</summary>
    public static T One<T>(this IEnumerable<Envelope> sent)
        where T : Message => sent.Of<T>().ShouldHaveSingleItem();
}
