using System.Globalization;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Tests;

namespace AkkaCompute.Simulation;

/// <summary>The simulated disk keeps the rules of the real journals, with events as they are and as JSON.</summary>
public abstract class SimulatedAppendTests : AppendConformance
{
    private readonly SimDisk disk;

    protected SimulatedAppendTests(bool asJson) => disk = Enumerable.Range(1, 100)
        .Select(seed => new SimulatedPool((ulong)seed, new SimOptions(Nodes: 1, Jobs: 1), recording: false))
        .First(pool => pool.Faults.JsonJournal == asJson).Lighthouse.Disk;

    private protected override IAppending OpenToAppend() => new SimAppending(disk);

    private sealed class SimAppending(SimDisk disk) : IAppending
    {
        public long Generation { get; } = disk.Open();

        public Appended Append(string job, long expected, IReadOnlyList<int> events, Kept? snapshot) =>
            disk.Append(disk.Journal(job), Generation, expected, [.. events.Select(Event)], snapshot is { } kept ? new SimSnapshot(kept.Sequence, State(kept.State)) : null) switch
            {
                null => Appended.Written,
                AppendFailure.Conflict => Appended.Conflict,
                AppendFailure.Replaced => Appended.Replaced,
                var other => throw new InvalidOperationException($"the disk is {other}"),
            };

        public Recovered Read(string job, bool fromSnapshot)
        {
            var journal = disk.Journal(job);
            var snapshot = fromSnapshot ? journal.Snapshot : null;
            return Recovered.From(
                snapshot is { } kept ? new Kept(kept.Sequence, kept.State.Succeeded) : null,
                journal.Read(snapshot?.Sequence ?? 0).Select(e => int.Parse(((JobCancelled)e).By, CultureInfo.InvariantCulture)));
        }

        public void Dispose()
        {
        }

        private static JobCancelled Event(int mark) => new(mark.ToString(CultureInfo.InvariantCulture), DateTimeOffset.UnixEpoch);

        private static JobSnapshot State(int mark) => new(
            new JobSpec("n", "ann", "true", 1, new ResourceRequest(), null, [], [], 0, null, null),
            DateTimeOffset.UnixEpoch, null, null, 0, [], [], [], [], [], mark, 0, null, []);
    }
}

public sealed class AppendTests() : SimulatedAppendTests(asJson: false);

public sealed class JsonAppendTests() : SimulatedAppendTests(asJson: true);
