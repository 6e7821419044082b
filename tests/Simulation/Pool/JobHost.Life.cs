using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Coverage;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

// How a supervisor comes back from its journal, writes, and fails.
internal sealed partial class JobHost
{
    /// <summary>After a failed append messages are refused for so long, as in the embedded host.</summary>
    private const long RetryAfter = Virtual.Second;

    /// <summary>Reading a journal.</summary>
    private const long ReadMax = 100 * Virtual.Millisecond;

    /// <summary>From the journal, as after a restart; due at once if its deadline says so.</summary>
    public void Load()
    {
        var snapshot = journal.Snapshot;
        loop = snapshot is null ? Replayed(watched: true) : Restored(snapshot, watched: true);
        snapshotAt = snapshot?.Sequence ?? 0;
        pool.Trace.Add(pool.Queue.Now, self.Id, "recovers", snapshot is null ? loop.Sequence : $"{loop.Sequence} from {snapshotAt}", self.Id);
        pool.Auditor?.Recovered(self.Id, loop.Sequence, snapshotAt);
        if (snapshot is not null)
        {
            CompareRestored(snapshot);
        }

        Arm();
    }

    public void LoadIfUnknown()
    {
        if (loop is null && refusesUntil <= pool.Queue.Now)
        {
            Load();
        }
    }

    /// <summary>The process dies: of the appends on their way some may have reached the disk, what they would have sent has not left.</summary>
    public void Crash()
    {
        life++;
        if (appending.Count == 0)
        {
            CompareWithReplay();
        }

        var written = rng.Below(appending.Count + 1);
        while (written-- > 0 && Write(appending.Dequeue()) is null)
        {
        }

        if (pool.Bug == PlantedBug.LosesTailOfJournal)
        {
            journal.LoseTail(rng.Below(3));
        }
    }

    private void Post(SimStep step)
    {
        appending.Enqueue(step);
        lastAppend = Math.Max(lastAppend, pool.Queue.Now + (step.Batch.Durable.Count == 0 ? 0 : rng.Between(50 * Virtual.Microsecond, pool.Faults.CommitMax)));
        var mine = life;
        process.Plan(lastAppend, () =>
        {
            if (mine == life)
            {
                Append();
            }
        });
    }

    private void Append()
    {
        var step = appending.Dequeue();
        var batch = step.Batch;
        var failed = batch.Durable.Count > 0 && !pool.IsHealed && rng.Chance(pool.Faults.Rate(FaultKind.AppendFailed));
        if (failed)
        {
            pool.Tally.Count(FaultKind.AppendFailed);
        }

        var failure = failed ? AppendFailure.Full : Write(step);
        if (failure == AppendFailure.Replaced)
        {
            process.Replaced();
            return;
        }

        if (failure is not null && pool.Bug != PlantedBug.IgnoresFailedAppend)
        {
            Fail();
            return;
        }

        if (batch.Durable.Count > 0 && !pool.IsHealed && rng.Chance(pool.Faults.Rate(FaultKind.LighthouseCrashAtAppend)))
        {
            pool.Lighthouse.Crash(FaultKind.LighthouseCrashAtAppend, rng.Between(100 * Virtual.Millisecond, 3 * Virtual.Second), process);
            return;
        }

        Release(batch);
    }

    /// <summary>Nothing of what was decided has happened, and for a while nothing more is taken.</summary>
    private void Fail()
    {
        pool.Trace.Add(pool.Queue.Now, self.Id, "append failed", null, self.Id);
        life++;
        appending.Clear();
        inbox.Clear();
        loop = null;
        alarm.Set(null);
        refusesUntil = pool.Queue.Now + RetryAfter;
        process.Plan(refusesUntil + rng.Between(0, ReadMax), LoadIfUnknown); // what comes first loads it, too
    }

    private AppendFailure? Write(SimStep step)
    {
        var batch = step.Batch;
        if (batch.Durable.Count == 0)
        {
            return null;
        }

        var snapshot = pool.Bug == PlantedBug.SnapshotsAheadOfAppend && step.Snapshot is { } taken && loop is not null
            ? taken with { State = loop.Machine.Machine.Snapshot() }
            : step.Snapshot;
        var failure = process.Append(journal, batch.FirstSequence, batch.Durable, snapshot);
        if (failure == AppendFailure.Conflict)
        {
            throw new ViolationException(new Violation(Rule.OneMachine, $"{self} appends at {batch.FirstSequence}, the journal has {journal.Count}", self.Id, self.Id));
        }

        foreach (var e in failure is null ? batch.Durable : [])
        {
            pool.Trace.Add(pool.Queue.Now, self.Id, "durable", e, self.Id);
            pool.Auditor?.Durable(self.Id, e);
        }

        if (failure is null && snapshot is not null)
        {
            pool.Trace.Add(pool.Queue.Now, self.Id, "snapshot", snapshot.Sequence, self.Id);
            pool.Auditor?.SnapshotStored();
        }

        return failure;
    }
}
