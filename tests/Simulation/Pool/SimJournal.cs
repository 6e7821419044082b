using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Simulation.Pool;

/// <summary>One job's durable events: what a crash leaves.</summary>
internal sealed class SimJournal(string jobId, bool asJson)
{
    private readonly List<JobEvent> events = [];
    private readonly List<byte[]> lines = [];

    public string JobId { get; } = jobId;

    public int Count { get; private set; }

    /// <summary>The last one is terminal: nothing has to be loaded at a start.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>False when another incarnation has appended meanwhile.</summary>
    public bool Append(long expectedSequence, IReadOnlyList<JobEvent> appended)
    {
        if (expectedSequence != Count)
        {
            return false;
        }

        foreach (var e in appended)
        {
            if (asJson)
            {
                lines.Add(JsonSerializer.SerializeToUtf8Bytes(e, JobJson.Default.JobEvent));
            }
            else
            {
                events.Add(e);
            }

            HasEnded |= e is JobCompleted;
        }

        Count += appended.Count;
        return true;
    }

    public IEnumerable<JobEvent> Read() =>
        asJson ? lines.Select(l => JsonSerializer.Deserialize(l, JobJson.Default.JobEvent)!) : events;

    /// <summary>A disk that lied: the last events were never there.</summary>
    public void LoseTail(int count)
    {
        Count = Math.Max(0, Count - count);
        HasEnded = false;
        foreach (var list in new System.Collections.IList[] { events, lines })
        {
            while (list.Count > Count)
            {
                list.RemoveAt(list.Count - 1);
            }
        }
    }
}
