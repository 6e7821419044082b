using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Tests.Runtime;

/// <summary>The smallest machine that has everything: durable and volatile events, replies, a deadline, an end, a fault.</summary>
internal sealed class Counter : IMachine<Counter, CounterEvent>
{
    public long Total { get; private set; }

    public int Peeks { get; private set; }

    public bool Exists { get; private set; }

    public bool Ended { get; private set; }

    public DateTimeOffset? Deadline { get; private set; }

    public static Counter Create(Address self) => new();

    public Step<CounterEvent> Decide(Message message, DateTimeOffset now) => message switch
    {
        Add add => new([new Added(add.Amount)], [new(add.ReplyTo, new Total(Total + add.Amount))]),
        Peek peek => new([new Peeked()], [new(peek.ReplyTo, new Total(Total))]),
        WakeAt at => new([new Scheduled(at.Moment)], [new(at.ReplyTo, new Total(Total))]),
        Finish finish => new([new Finished()], [new(finish.ReplyTo, new Total(Total))]),
        Poison => throw new InvalidOperationException("poisoned"),
        Tick => new([new Ticked()], null),
        _ => default,
    };

    public Counter Apply(CounterEvent e)
    {
        Exists |= e is not IVolatileEvent;
        switch (e)
        {
            case Added added:
                Total += added.Amount;
                break;
            case Peeked:
                Peeks++;
                break;
            case Scheduled scheduled:
                Deadline = scheduled.Moment;
                break;
            case Ticked:
                Deadline = null;
                Total += 1000;
                break;
            case Finished:
                Ended = true;
                break;
        }

        return this;
    }
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "e")]
[JsonDerivedType(typeof(Added), "added")]
[JsonDerivedType(typeof(Scheduled), "scheduled")]
[JsonDerivedType(typeof(Ticked), "ticked")]
[JsonDerivedType(typeof(Finished), "finished")]
internal abstract record CounterEvent;

internal sealed record Added(long Amount) : CounterEvent;

internal sealed record Peeked : CounterEvent, IVolatileEvent;

internal sealed record Scheduled(DateTimeOffset Moment) : CounterEvent;

internal sealed record Ticked : CounterEvent;

internal sealed record Finished : CounterEvent;

internal sealed record Add(long Amount, Address ReplyTo) : Message;

internal sealed record Peek(Address ReplyTo) : Message;

internal sealed record WakeAt(DateTimeOffset Moment, Address ReplyTo) : Message;

internal sealed record Finish(Address ReplyTo) : Message;

internal sealed record Poison : Message;

internal sealed record Total(long Amount) : Message;

internal sealed class CounterMailbox(string id, HostContext host)
    : Mailbox<Counter, CounterEvent>(Address.Job(id), host, Json)
{
    private static readonly JsonTypeInfo<CounterEvent> Json =
        (JsonTypeInfo<CounterEvent>)JsonSerializerOptions.Default.GetTypeInfo(typeof(CounterEvent));

    protected override (bool Ended, bool Exists) Fate(Counter machine) => (machine.Ended, machine.Exists);
}
