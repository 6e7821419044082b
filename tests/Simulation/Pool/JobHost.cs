using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>
/// A supervisor's mailbox: decides what has gathered as a batch, appends its events, and lets its outbox go when they
/// are durable. A failed append discards the machine; it comes back from its journal.
/// </summary>
internal sealed class JobHost
{
    private readonly SimulatedPool pool;
    private readonly SimLighthouse lighthouse;
    private readonly SimJournal journal;
    private readonly Rng rng;
    private readonly Alarm alarm;
    private readonly Address self;
    private readonly Queue<Message> inbox = [];
    private Loop<JobSupervisor, JobEvent>? loop;
    private Batch<JobEvent>? appending;

    public JobHost(SimulatedPool pool, SimLighthouse lighthouse, SimJournal journal, Rng rng)
    {
        this.pool = pool;
        this.lighthouse = lighthouse;
        this.journal = journal;
        this.rng = rng;
        self = Address.Job(journal.JobId);
        alarm = new Alarm(pool.Queue, journal.JobId, lighthouse.Plan, () => Deliver(Tick.Instance));
    }

    public void Deliver(Message message)
    {
        if (pool.Bug == HostBug.IgnoresLateCancel && message is CancelJob && journal.HasEnded)
        {
            return;
        }

        inbox.Enqueue(message);
        Drain();
    }

    /// <summary>From the journal, as after a restart; due at once if its deadline says so.</summary>
    public void Load()
    {
        loop = Replayed();
        pool.Trace.Add(pool.Queue.Now, self.Id, "recovers", loop.Sequence, self.Id);
        pool.Auditor.Recovered(self.Id, loop.Sequence);
        Arm();
    }

    /// <summary>The process dies: an append on its way may have reached the disk, what it would have sent has not left.</summary>
    public void Crash()
    {
        if (appending is { } batch && rng.Chance(0.5))
        {
            Write(batch);
        }
        else if (appending is null)
        {
            CompareWithReplay();
        }

        if (pool.Bug == HostBug.LosesTailOfJournal)
        {
            journal.LoseTail(rng.Below(3));
        }
    }

    /// <summary>What lists and <c>why</c> read, as the real host reads it between two messages.</summary>
    public void ReadInto(FleetMachine fleet)
    {
        if (loop?.Machine is { Exists: true } machine)
        {
            fleet.Explain(machine.View(), machine.Demand);
        }
    }

    private void Drain()
    {
        if (appending is not null || inbox.Count == 0)
        {
            return;
        }

        if (loop is null)
        {
            Load();
        }

        while (inbox.TryDequeue(out var message))
        {
            pool.Trace.Add(pool.Queue.Now, self.Id, "gets", message, self.Id);
            Machines.Guard(self, message, () => loop!.Deliver(message, Virtual.At(pool.Queue.Now)));
        }

        var batch = loop!.Take();
        if (batch.Durable.Count == 0)
        {
            Release(batch);
            return;
        }

        if (pool.Bug == HostBug.SendsBeforeAppend)
        {
            lighthouse.Release(self, batch.Outbox);
            batch = batch with { Outbox = [] };
        }
        else if (pool.Bug == HostBug.AcknowledgesBeforeAppend)
        {
            lighthouse.Release(self, [.. batch.Outbox.Where(e => e.To.Kind == AddressKind.Client)]);
            batch = batch with { Outbox = [.. batch.Outbox.Where(e => e.To.Kind != AddressKind.Client)] };
        }

        appending = batch;
        lighthouse.Plan(pool.Queue.Now + rng.Between(50 * Virtual.Microsecond, pool.Faults.CommitMax), Append);
    }

    private void Append()
    {
        var batch = appending!;
        appending = null;
        if (!pool.IsHealed && rng.Chance(pool.Faults.AppendFailure))
        {
            pool.Tally.Count(FaultKind.AppendFailed);
            pool.Trace.Add(pool.Queue.Now, self.Id, "append failed", null, self.Id);
            if (pool.Bug == HostBug.IgnoresFailedAppend)
            {
                Release(batch);
                return;
            }

            Load();
        }
        else
        {
            Write(batch);
            Release(batch);
        }

        Drain();
    }

    private void Write(Batch<JobEvent> batch)
    {
        if (!journal.Append(batch.FirstSequence, batch.Durable))
        {
            throw new ViolationException(new Violation("one journal, one machine", $"{self} appends at {batch.FirstSequence}, the journal has {journal.Count}", self.Id, self.Id));
        }

        foreach (var e in batch.Durable)
        {
            pool.Trace.Add(pool.Queue.Now, self.Id, "durable", e, self.Id);
            pool.Auditor.Durable(self.Id, e);
        }
    }

    private void Release(Batch<JobEvent> batch)
    {
        lighthouse.Release(self, batch.Outbox);
        if (loop!.Deadline is null && inbox.Count == 0 && rng.Chance(pool.Faults.Forget))
        {
            CompareWithReplay();
            loop = null; // over, or never heard of: it comes back from its journal when it is written to
            alarm.Set(null);
            return;
        }

        Arm();
        Drain();
    }

    private Loop<JobSupervisor, JobEvent> Replayed()
    {
        var replayed = new Loop<JobSupervisor, JobEvent>(self);
        foreach (var e in journal.Read())
        {
            replayed.Replay(e);
        }

        return replayed;
    }

    /// <summary>A machine and its journal must tell the same, or a restart changes what happened.</summary>
    private void CompareWithReplay()
    {
        if (loop?.Machine is not { Exists: true } machine)
        {
            return;
        }

        var (live, replayed) = (Describe.View(machine.View()), Describe.View(Replayed().Machine.View()));
        if (live != replayed)
        {
            throw new ViolationException(new Violation("a replay gives the same state", $"{live} live, {replayed} replayed", self.Id, null));
        }
    }

    private void Arm() => alarm.Set(loop!.Deadline is { } due ? (due - Virtual.Epoch).Ticks : null);
}
