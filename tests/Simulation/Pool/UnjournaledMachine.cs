using AkkaCompute.Protocol.Machines;
using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>Hosts a machine whose events are all volatile: what it sends is free at once.</summary>
/// <param name="clockError">How far its computer's clock is ahead, in ticks.</param>
internal sealed class UnjournaledMachine<TMachine, TEvent>(Address self, Alarm alarm, long clockError)
    where TMachine : IMachine<TMachine, TEvent>
    where TEvent : notnull
{
    private readonly Loop<TMachine, TEvent> loop = new(self);

    public TMachine Machine => loop.Machine;

    public IReadOnlyList<Envelope> Deliver(Message message, long now)
    {
        Machines.Guard(self, message, () => loop.Deliver(message, Virtual.At(now + clockError)));
        var batch = loop.Take();
        if (batch.Durable.Count > 0)
        {
            throw new ViolationException(new Violation("volatile machines", $"{self} wants {Describe.Any(batch.Durable[0])} on disk", null, self.Id));
        }

        alarm.Set(loop.Deadline is { } due ? (due - Virtual.Epoch).Ticks - clockError : null);
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
            throw new ViolationException(new Violation("machines do not throw", $"{self} threw at {Describe.Any(message)}: {e}", job, self.Id));
        }
    }
}
