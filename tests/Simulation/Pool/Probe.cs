using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Simulation.Pool;

/// <summary>Sees what a machine hears and what becomes of it.</summary>
internal interface IWatch<in TEvent>
{
    void Hears(Message message);

    void Applies(TEvent e);
}

/// <summary>A mistake put around a machine: it changes what the machine hears, decides or asks for.</summary>
internal class Mutation<TMachine, TEvent>
    where TEvent : notnull
{
    public virtual Message Hears(TMachine machine, Message message) => message;

    public virtual DateTimeOffset Now(Message message, DateTimeOffset now) => now;

    public virtual Step<TEvent> Decides(TMachine machine, Message message, Step<TEvent> step) => step;

    public virtual DateTimeOffset? Deadline(TMachine machine, DateTimeOffset? deadline) => deadline;
}

/// <summary>Around each machine: the production machine as it is, watched, and in a test of the auditor with a mistake planted.</summary>
internal sealed class Probe<TMachine, TEvent> : IMachine<Probe<TMachine, TEvent>, TEvent>
    where TMachine : IMachine<TMachine, TEvent>
    where TEvent : notnull
{
    private Probe(TMachine machine) => Machine = machine;

    public TMachine Machine { get; private set; }

    public IWatch<TEvent>? Watch { get; set; }

    public Mutation<TMachine, TEvent>? Mutation { get; set; }

    public DateTimeOffset? Deadline => Mutation is null ? Machine.Deadline : Mutation.Deadline(Machine, Machine.Deadline);

    public static Probe<TMachine, TEvent> Create(Address self) => new(TMachine.Create(self));

    /// <summary>Around a machine that has lived.</summary>
    public static Probe<TMachine, TEvent> Around(TMachine machine) => new(machine);

    public Step<TEvent> Decide(Message message, DateTimeOffset now)
    {
        Watch?.Hears(message);
        return Mutation is null
            ? Machine.Decide(message, now)
            : Mutation.Decides(Machine, message, Machine.Decide(Mutation.Hears(Machine, message), Mutation.Now(message, now)));
    }

    public Probe<TMachine, TEvent> Apply(TEvent e)
    {
        Watch?.Applies(e);
        Machine = Machine.Apply(e);
        return this;
    }
}
