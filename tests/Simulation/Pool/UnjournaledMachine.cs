using AkkaCompute.Protocol.Machines;
using AkkaCompute.Simulation.Audit;

namespace AkkaCompute.Simulation.Pool;

/// <summary>Hosts a machine whose events are all volatile: what it sends is free at once.</summary>
internal sealed class UnjournaledMachine<TMachine, TEvent>
    where TMachine : IMachine<TMachine, TEvent>
    where TEvent : notnull
{
    private readonly Address self;
    private readonly TimeProvider time;
    private readonly Alarm alarm;
    private readonly Loop<Probe<TMachine, TEvent>, TEvent> loop;

    public UnjournaledMachine(Address self, TimeProvider time, Alarm alarm, IWatch<TEvent>? watch, Mutation<TMachine, TEvent>? mutation)
    {
        (this.self, this.time, this.alarm) = (self, time, alarm);
        loop = new Loop<Probe<TMachine, TEvent>, TEvent>(self);
        (loop.Machine.Watch, loop.Machine.Mutation) = (watch, mutation);
    }

    public TMachine Machine => loop.Machine.Machine;

    public IReadOnlyList<Envelope> Deliver(Message message)
    {
        Machines.Guard(self, message, () => loop.Deliver(message, time.GetUtcNow()));
        var batch = loop.Take();
        if (batch.Durable.Count > 0)
        {
            throw new ViolationException(new Violation(Rule.Volatile, $"{self} wants {Describe.Any(batch.Durable[0])} on disk", null, self.Id));
        }

        alarm.Set(loop.Deadline);
        return batch.Outbox;
    }
}

internal static class Machines
{
    /// <summary>A machine that throws has a bug, whatever it was told: messages come twice, late and never.</summary>
    public static void Guard(Address self, Message message, Action deliver)
    {
        try
        {
            deliver();
        }
        catch (Exception e) when (e is not ViolationException)
        {
            var job = self.Kind == AddressKind.Job ? self.Id : MessageJob.Of(message);
            throw new ViolationException(new Violation(Rule.NoThrow, $"{self} threw at {Describe.Any(message)}: {e}", job, self.Id));
        }
    }
}
