using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>What outlives every Lighthouse process: journals, the generation of the last opening, the connection counter, what nodes offered.</summary>
internal sealed class SimDisk(SimulatedPool pool)
{
    private readonly SortedDictionary<string, SimJournal> journals = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, KnownNode> nodes = new(StringComparer.Ordinal);
    private long journalFullUntil;
    private long storeFullUntil;
    private long connections;

    /// <summary>What nodes offered, the last heard first.</summary>
    public IReadOnlyList<KnownNode> Nodes => [.. nodes.Values.OrderByDescending(n => n.LastSeen)];

    /// <summary>Of the last opening; whoever opened earlier can write no more.</summary>
    public long Generation { get; private set; }

    public IEnumerable<SimJournal> Journals => journals.Values;

    public bool IsJournalFull => journalFullUntil > pool.Queue.Now;

    /// <summary>Output and results find no room.</summary>
    public bool IsStoreFull => storeFullUntil > pool.Queue.Now;

    public long Open() => ++Generation;

    public long NextConnection() => ++connections;

    public void Note(KnownNode node) => nodes[node.NodeId] = node;

    public SimJournal Journal(string jobId)
    {
        if (!journals.TryGetValue(jobId, out var journal))
        {
            journals.Add(jobId, journal = new SimJournal(jobId, pool.Faults.JsonJournal, pool.Meter));
        }

        return journal;
    }

    public void Fill(FaultKind kind, long duration)
    {
        pool.Tally.Count(kind);
        pool.Trace.Add(pool.Queue.Now, SimLighthouse.Actor, "full", kind.ToString());
        var until = Math.Min(pool.Queue.Now + duration, pool.Faults.FaultsUntil);
        if (kind == FaultKind.JournalFull)
        {
            journalFullUntil = Math.Max(journalFullUntil, until);
        }
        else
        {
            storeFullUntil = Math.Max(storeFullUntil, until);
        }
    }

    /// <returns>Null when it was written; otherwise why not.</returns>
    public AppendFailure? Append(
        SimJournal journal, long generation, long expectedSequence, IReadOnlyList<JobEvent> events, SimSnapshot? snapshot = null) =>
        generation != Generation && pool.Bug != PlantedBug.IgnoresGeneration ? AppendFailure.Replaced
        : IsJournalFull ? AppendFailure.Full
        : journal.Append(expectedSequence, events, snapshot) ? null
        : AppendFailure.Conflict;
}

/// <summary>Why an append was not taken.</summary>
internal enum AppendFailure
{
    /// <summary>Another Lighthouse has opened the journals since.</summary>
    Replaced,
    Full,

    /// <summary>The journal is further than the writer knows.</summary>
    Conflict,
}
