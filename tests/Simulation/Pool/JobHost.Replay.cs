using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal.Inspect;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Coverage;
using AkkaCompute.Simulation.Mutants;

namespace AkkaCompute.Simulation.Pool;

// What a supervisor is read from: its events, or a snapshot and the events after it. All ways must tell the same.
internal sealed partial class JobHost
{
    /// <summary>With the batch that was decided last, if there is enough since the one before.</summary>
    private SimSnapshot? TakeSnapshot(Batch<JobEvent> batch)
    {
        if (pool.Meter is { } meter)
        {
            meter.SnapshotIfDue(loop!.Machine.Machine);
            return null;
        }

        var end = batch.FirstSequence + batch.Durable.Count;
        if (pool.Faults.SnapshotEvery == 0 || end - snapshotAt < pool.Faults.SnapshotEvery)
        {
            return null;
        }

        snapshotAt = end;
        var taken = new SimSnapshot(pool.Bug == PlantedBug.SnapshotsUnderFirstSequence ? batch.FirstSequence : end, loop!.Machine.Machine.Snapshot());
        if (pool.Bug != PlantedBug.SnapshotsBeforeAppend)
        {
            return taken;
        }

        journal.Keep(taken);
        return null;
    }

    private Loop<Probe<JobSupervisor, JobEvent>, JobEvent> Replayed(bool watched) =>
        Begun(new Loop<Probe<JobSupervisor, JobEvent>, JobEvent>(self), watched, 0);

    private Loop<Probe<JobSupervisor, JobEvent>, JobEvent> Restored(SimSnapshot snapshot, bool watched)
    {
        var restored = new Loop<Probe<JobSupervisor, JobEvent>, JobEvent>(self);
        restored.Restore(Probe<JobSupervisor, JobEvent>.Around(JobSupervisor.Restore(self, snapshot.State)), snapshot.Sequence);
        return Begun(restored, watched, snapshot.Sequence + (pool.Bug == PlantedBug.SkipsEventAfterSnapshot ? 1 : 0));
    }

    private Loop<Probe<JobSupervisor, JobEvent>, JobEvent> Begun(Loop<Probe<JobSupervisor, JobEvent>, JobEvent> begun, bool watched, long from)
    {
        var watch = watched && pool.Transitions is { } transitions ? new JobWatch(transitions) : null;
        foreach (var e in watch is null ? [] : journal.Read().Take((int)from))
        {
            watch!.Applies(e); // the watcher's books begin with the first event
        }

        begun.Machine.Watch = watch;
        begun.Machine.Mutation = Mutations.OfJob(pool.Bug);
        foreach (var e in journal.Read(from))
        {
            try
            {
                begun.Replay(e);
            }
            catch (Exception thrown) when (thrown is not ViolationException)
            {
                throw Differs($"{self} threw at event {begun.Sequence}, read from {from}: {Describe.Any(e)}: {thrown.Message}");
            }
        }

        watch?.WasReplayed();
        return begun;
    }

    /// <summary>A machine and its journal must tell the same, or a restart changes what happened.</summary>
    private void CompareWithReplay()
    {
        if (process.IsReplaced || loop?.Machine.Machine is not { Exists: true } machine)
        {
            return;
        }

        var replayed = Replayed(watched: false).Machine.Machine;
        CompareStates("live", machine, "replayed", replayed);
        if (journal.Snapshot is { } snapshot)
        {
            CompareRestored(snapshot, replayed);
        }
    }

    private void CompareRestored(SimSnapshot snapshot, JobSupervisor? replayed = null)
    {
        replayed ??= Replayed(watched: false).Machine.Machine;
        var restored = Restored(snapshot, watched: false).Machine.Machine;
        var from = $"from the snapshot at {snapshot.Sequence}";
        CompareStates(from, restored, "replayed", replayed);
        Compare(from, Resumed(restored), "replayed", Resumed(replayed));
    }

    private void CompareStates(string how, JobSupervisor machine, string otherHow, JobSupervisor other)
    {
        Compare(how, Describe.View(machine.View()), otherHow, Describe.View(other.View()));
        var (state, otherState) = (machine.Snapshot(), other.Snapshot());
        Compare(how, Leases(state), otherHow, Leases(otherState));
        var lost = journal.Read().OfType<AttemptsLost>().Where(e => !e.Gone).Sum(e => (long)e.Attempts.Count);
        if (!SnapshotComparison.AreEqual(state, otherState, lost))
        {
            throw Differs($"{Json(state)} {how}, {Json(otherState)} {otherHow}");
        }
    }

    /// <summary>Those with attempts on them, as the journal has them; what is known of others is no event.</summary>
    private static string Leases(JobSnapshot state) => string.Join(
        ", ", state.Leases.Where(l => l.Attempts.Count > 0).OrderBy(l => l.Lease.Id, StringComparer.Ordinal).Select(l => $"{Describe.Any(l.Lease)} {l.Lease.NodeName} {l.WallMsMean:R} {l.Shown}"));

    /// <summary>What the machine waits for and asks once it has seen a first time.</summary>
    private static string Resumed(JobSupervisor machine)
    {
        foreach (var e in machine.Decide(Tick.Instance, DateTimeOffset.UnixEpoch).Events)
        {
            machine.Apply(e);
        }

        return machine.Demand is { } demand
            ? $"due at {machine.Deadline:O}, wants {demand.SlotsWanted}, holds [{string.Join(' ', demand.Held.Select(l => Describe.Any(l)))}], avoids [{string.Join(' ', demand.Avoid)}]"
            : $"due at {machine.Deadline:O}, wants nothing";
    }

    private void Compare(string how, string what, string otherHow, string other)
    {
        if (what != other)
        {
            throw Differs($"{what} {how}, {other} {otherHow}");
        }
    }

    private ViolationException Differs(string what) => new(new Violation(Rule.OneState, what, self.Id, null));

    private static string Json(JobSnapshot state) => JsonSerializer.Serialize(state with { Spec = null! }, JobJson.Default.JobSnapshot);
}

/// <summary>A batch on its way to the disk, and the state that is stored with it.</summary>
internal sealed record SimStep(Batch<JobEvent> Batch, SimSnapshot? Snapshot);
