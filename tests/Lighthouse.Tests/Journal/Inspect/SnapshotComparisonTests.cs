using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal.Inspect;
using AkkaCompute.Lighthouse.Tests.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Journal.Inspect;

/// <summary>Whatever a job lives through, its snapshot says what its events say; and what was changed in it is seen.</summary>
public sealed class SnapshotComparisonTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_snapshot_of_a_job_with_a_hard_life_equals_its_replay(int seed)
    {
        var life = new HardLife(seed);

        for (var step = 0; step < 150 && !life.Job.Machine.HasEnded; step++)
        {
            life.Next();

            var (replayed, lost) = Replay(life.Job);
            SnapshotComparison.AreEqual(life.Job.Machine.Snapshot(), replayed, lost).ShouldBeTrue($"seed {seed}, step {step}");
        }
    }

    [Fact]
    public void What_the_events_do_not_say_is_seen()
    {
        var life = new HardLife(7);
        for (var step = 0; step < 40; step++)
        {
            life.Next();
        }

        var (replayed, lost) = Replay(life.Job);
        var busy = replayed.Leases.First(held => held.Attempts.Count > 0);
        JobSnapshot[] changed =
        [
            replayed with { Spec = replayed.Spec with { Owner = "eve" } },
            replayed with { SubmittedAt = replayed.SubmittedAt.AddSeconds(1) },
            replayed with { StartedAt = null },
            replayed with { Completed = new JobCompleted(JobState.Failed, 1, null, replayed.SubmittedAt) },
            replayed with { Fresh = replayed.Fresh + 1 },
            replayed with { Retries = [.. replayed.Retries, new TaskRange(0, 1, 9)] },
            replayed with { Leases = [.. replayed.Leases.Where(held => held != busy)] },
            replayed with { Leases = [.. replayed.Leases.Select(held => held == busy ? held with { Attempts = [.. held.Attempts.Skip(1)] } : held)] },
            replayed with { Leases = [.. replayed.Leases.Select(held => held == busy ? held with { Lease = held.Lease with { NodeId = "eve" } } : held)] },
            replayed with { Leases = [.. replayed.Leases.Select(held => held == busy ? held with { WallMsMean = held.WallMsMean + 1 } : held)] },
            replayed with { Superseded = [.. replayed.Superseded, new Superseded(new AttemptRef(0, 9), "n", "n", "b")] },
            replayed with { Failures = [.. replayed.Failures, new TaskFailures(0, 9, 0)] },
            replayed with { CommittedBy = [.. replayed.CommittedBy, "eve"] },
            replayed with { Succeeded = replayed.Succeeded + 1 },
            replayed with { Failed = replayed.Failed + 1 },
        ];

        changed.ShouldAllBe(snapshot => !SnapshotComparison.AreEqual(snapshot, replayed, lost));
    }

    private static (JobSnapshot Snapshot, long Lost) Replay(JobUnderTest job)
    {
        var machine = job.Journal.Aggregate(JobSupervisor.Create(Address.Job("j1")), (replayed, e) => replayed.Apply(e));
        return (machine.Snapshot(), job.Journal.OfType<AttemptsLost>().Where(lost => !lost.Gone).Sum(lost => (long)lost.Attempts.Count));
    }

    /// <summary>Grants, results, lost nodes, renewals, reports and restarts in any order.</summary>
    private sealed class HardLife(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly List<(AttemptRef Attempt, Lease Lease)> _sent = [];
        private long _epoch = 1;
        private int _leases;

        public JobUnderTest Job { get; } = JobUnderTest.Submitted(tasks: 60, retries: 2);

        public void Next() => Note(_random.Next(10) switch
        {
            0 or 1 => Job.Tell(new LeaseGranted(New())),
            2 or 3 or 4 or 5 when Any() is var (attempt, lease) => Finish(attempt, lease),
            6 when Any() is var (_, lease) => Job.Tell(new LeaseEnded(lease.Id, lease.NodeId, (LeaseEndReason)_random.Next(Enum.GetValues<LeaseEndReason>().Length))),
            7 when Any() is var (_, lease) => Job.Tell(new LeaseGranted(lease with { Epoch = ++_epoch, Connection = lease.Connection + 1, NodeName = "other" })),
            8 when Any() is var (attempt, lease) => Job.Report(lease.NodeId, lease.Connection + _random.Next(3), lease.BootId, attempt),
            9 => Restart(),
            _ => Job.Wait(_random.Next(1, 20)),
        });

        private Lease New() => JobUnderTest.Lease($"l{++_leases}", $"node-{_random.Next(4)}", _random.Next(1, 4), epoch: _epoch);

        private IReadOnlyList<Envelope> Finish(AttemptRef attempt, Lease lease) => Job.Finish(
            attempt.Task, attempt.Attempt, lease.NodeId, exit: _random.Next(3) == 0 ? 1 : 0,
            cause: _random.Next(8) == 0 ? EndCause.DiskFull : EndCause.Exited, wallMs: _random.NextDouble() * 1000);

        private IReadOnlyList<Envelope> Restart()
        {
            Job.RestartFromSnapshot();
            return Job.Wait(0);
        }

        // Results may be late, doubled or of an attempt that was given up.
        private (AttemptRef, Lease)? Any() => _sent.Count == 0 ? null : _sent[_random.Next(_sent.Count)];

        private void Note(IReadOnlyList<Envelope> sent) => _sent.AddRange(sent.Of<Assign>().SelectMany(assign => assign.Tasks
            .SelectMany(range => Enumerable.Range(range.First, range.Count).Select(task => (new AttemptRef(task, range.Attempt), assign.Lease)))));
    }
}
