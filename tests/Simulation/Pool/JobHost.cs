using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>
/// A supervisor's mailbox: decides what has gathered as a batch, appends its events, and lets its outbox go when they
/// are durable. A failed append discards the machine; it comes back from its journal.
/// </summary>
internal sealed partial class JobHost
{
    /// <summary>Ticks that are due join the step of the messages before them, as in the embedded host.</summary>
    private const int TicksMax = 8;

    private readonly SimulatedPool pool;
    private readonly LighthouseProcess process;
    private readonly SimJournal journal;
    private readonly Rng rng;
    private readonly Alarm alarm;
    private readonly Address self;
    private readonly Queue<Message> inbox = [];
    private readonly Queue<SimStep> appending = [];
    private Loop<Probe<JobSupervisor, JobEvent>, JobEvent>? loop;
    private long lastAppend;
    private long refusesUntil;
    private long snapshotAt; // of the last one taken or read
    private int life;

    public JobHost(SimulatedPool pool, LighthouseProcess process, SimJournal journal, Rng rng)
    {
        this.pool = pool;
        this.process = process;
        this.journal = journal;
        this.rng = rng;
        self = Address.Job(journal.JobId);
        alarm = new Alarm(pool.Queue, process.Time, journal.JobId, process.Plan, () => Deliver(Tick.Instance));
    }

    /// <summary>Null while it is not in memory.</summary>
    public JobSupervisor? Machine => loop?.Machine.Machine;

    public void Deliver(Message message)
    {
        if (pool.Bug == PlantedBug.IgnoresLateCancel && message is CancelJob && journal.HasEnded)
        {
            return;
        }

        if (refusesUntil > pool.Queue.Now)
        {
            return; // a message is lost here; who sent it has a deadline
        }

        inbox.Enqueue(message);
        Drain();
    }

    /// <summary>What lists and <c>why</c> read, as the real host reads it between two messages.</summary>
    public void ReadInto(FleetMachine fleet)
    {
        if (loop?.Machine.Machine is { Exists: true } machine)
        {
            fleet.Explain(machine.View(), machine.Demand);
        }
    }

    private void Drain()
    {
        if (inbox.Count == 0 || (appending.Count > 0 && !pool.Faults.Pipelined))
        {
            return;
        }

        if (loop is null)
        {
            Load();
        }

        while (inbox.TryDequeue(out var message))
        {
            Tell(message);
        }

        for (var i = 0; pool.Faults.Pipelined && i < TicksMax && loop!.Deadline <= process.Time.GetUtcNow(); i++)
        {
            Tell(Tick.Instance);
        }

        var batch = loop!.Take();
        if (batch.Durable.Count == 0 && appending.Count == 0)
        {
            Release(batch);
            return;
        }

        var snapshot = batch.Durable.Count == 0 ? null : TakeSnapshot(batch);

        if (pool.Bug == PlantedBug.SendsBeforeAppend)
        {
            process.Release(self, batch.Outbox);
            batch = batch with { Outbox = [] };
        }
        else if (pool.Bug is PlantedBug.AcknowledgesBeforeAppend or PlantedBug.StopsBeforeAppend)
        {
            bool IsEarly(Envelope e) => pool.Bug == PlantedBug.StopsBeforeAppend ? e.Message is StopAttempts : e.To.Kind == AddressKind.Client;
            process.Release(self, [.. batch.Outbox.Where(IsEarly)]);
            batch = batch with { Outbox = [.. batch.Outbox.Where(e => !IsEarly(e))] };
        }

        Post(new SimStep(batch, snapshot));
        Arm();
    }

    private void Tell(Message message)
    {
        pool.Trace.Add(pool.Queue.Now, self.Id, "gets", message, self.Id);
        Machines.Guard(self, message, () => loop!.Deliver(message, process.Time.GetUtcNow()));
    }

    private void Release(Batch<JobEvent> batch)
    {
        process.Release(self, batch.Outbox);
        if (loop!.Deadline is null && inbox.Count == 0 && appending.Count == 0 && rng.Chance(pool.Faults.Forget))
        {
            CompareWithReplay();
            loop = null; // over, or never heard of: it comes back from its journal when it is written to
            alarm.Set(null);
            return;
        }

        Arm();
        Drain();
    }

    private void Arm() => alarm.Set(loop!.Deadline);
}
