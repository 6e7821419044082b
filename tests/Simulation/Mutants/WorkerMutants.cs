using AkkaCompute.ComputeNode.Work.Machine;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation.Mutants;

internal sealed class IgnoresEpoch : Mutation<Worker, WorkerEvent>
{
    private long highest;

    public override Message Hears(Worker machine, Message message)
    {
        if (message is not Assign assign)
        {
            return message;
        }

        highest = Math.Max(highest, assign.Lease.Epoch);
        return assign with { Lease = assign.Lease with { Epoch = highest } };
    }
}

internal sealed class IgnoresSlots : Mutation<Worker, WorkerEvent>
{
    public override Message Hears(Worker machine, Message message) =>
        message is Assign assign ? assign with { Lease = assign.Lease with { Slots = int.MaxValue } } : message;
}

internal sealed class IgnoresOwner : Mutation<Worker, WorkerEvent>
{
    private Resources most = Resources.None;

    public override Message Hears(Worker machine, Message message)
    {
        most = message is WorkerStarted started ? started.Lent : most;
        return message is LendChanged ? new LendChanged(most, Paused: false) : message;
    }
}

internal sealed class IgnoresStops : Mutation<Worker, WorkerEvent>
{
    public override Message Hears(Worker machine, Message message) => message is StopAttempts ? Tick.Instance : message;
}

internal sealed class TellsResultOnce : Mutation<Worker, WorkerEvent>
{
    public override Step<WorkerEvent> Decides(Worker machine, Message message, Step<WorkerEvent> step) =>
        message is AttemptStored ? step : new Step<WorkerEvent>(step.Events, [.. step.Outbox.Where(e => e.Message is not TaskFinished)]);
}
