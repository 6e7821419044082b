using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Simulation.Scale;

namespace AkkaCompute.Simulation.Pool;

/// <summary>One job's durable events and the latest snapshot: what a crash leaves.</summary>
/// <param name="meter">Gets the events instead: nothing can be read back.</param>
internal sealed class SimJournal(string jobId, bool asJson, JournalMeter? meter = null)
{
    private readonly List<JobEvent> events = [];
    private readonly List<byte[]> lines = [];
    private SimSnapshot? snapshot;
    private byte[] snapshotJson = [];

    public string JobId { get; } = jobId;

    public int Count { get; private set; }

    /// <summary>The last one is terminal: nothing has to be loaded at a start.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>In place of the one before.</summary>
    public SimSnapshot? Snapshot => asJson && snapshot is not null
        ? snapshot with { State = JsonSerializer.Deserialize(snapshotJson, JobJson.Default.JobSnapshot)! }
        : snapshot;

    /// <summary>False when another incarnation has appended meanwhile: then nothing of it is taken, the snapshot neither.</summary>
    public bool Append(long expectedSequence, IReadOnlyList<JobEvent> appended, SimSnapshot? taken)
    {
        if (expectedSequence != Count)
        {
            return false;
        }

        foreach (var e in appended)
        {
            if (meter is not null)
            {
                meter.Write(e);
            }
            else if (asJson)
            {
                lines.Add(JsonSerializer.SerializeToUtf8Bytes(e, JobJson.Default.JobEvent));
            }
            else
            {
                events.Add(e);
            }

            HasEnded = e is JobCompleted || (HasEnded && e is not JobReopened);
        }

        Count += appended.Count;
        if (taken is not null)
        {
            Keep(taken);
        }

        return true;
    }

    /// <summary>A snapshot that comes without its events: no append does that.</summary>
    public void Keep(SimSnapshot taken)
    {
        snapshot = taken;
        if (asJson)
        {
            snapshotJson = JsonSerializer.SerializeToUtf8Bytes(taken.State, JobJson.Default.JobSnapshot);
        }
    }

    /// <summary>The events from this number on.</summary>
    public IEnumerable<JobEvent> Read(long from = 0) =>
        meter is not null && Count > 0 ? throw new InvalidOperationException($"of {JobId} nothing was kept")
        : asJson ? lines.Skip((int)from).Select(l => JsonSerializer.Deserialize(l, JobJson.Default.JobEvent)!) : events.Skip((int)from);

    /// <summary>A disk that lied: the last events were never there.</summary>
    public void LoseTail(int count)
    {
        Count = Math.Max(0, Count - count);
        HasEnded = false;
        snapshot = snapshot?.Sequence > Count ? null : snapshot;
        foreach (var list in new System.Collections.IList[] { events, lines })
        {
            while (list.Count > Count)
            {
                list.RemoveAt(list.Count - 1);
            }
        }
    }
}

/// <summary>A supervisor's state, as it is stored with an append.</summary>
/// <param name="Sequence">Number of the first event that it does not include.</param>
internal sealed record SimSnapshot(long Sequence, JobSnapshot State);
