using AkkaCompute.Protocol.Machines;
using AkkaCompute.Simulation.Audit;

namespace AkkaCompute.Simulation.Time;

/// <summary>One thing that happened. <paramref name="JobId"/> is null for what concerns no single job.</summary>
internal readonly record struct TraceLine(long Time, string Actor, string Verb, object? What, string? JobId)
{
    public override string ToString() => $"{Virtual.Show(Time)}  {Actor,-12} {Verb,-10} {Describe.Any(What)}".TrimEnd();
}

/// <summary>
/// What happened, in order. Always as a hash; as lines only when <paramref name="recording"/>, because a run that
/// fails is run again with recording on: the same seed gives the same trace.
/// </summary>
internal sealed class Trace(bool recording)
{
    /// <summary>A run that spins must end in an error, not in a full memory.</summary>
    private const int LinesMax = 4_000_000;

    private readonly List<TraceLine> lines = [];

    public ulong Hash { get; private set; } = StableHash.Start;

    public IReadOnlyList<TraceLine> Lines => lines;

    public void Add(long time, string actor, string verb, object? what = null, string? jobId = null)
    {
        var hash = StableHash.Mix(StableHash.Mix(StableHash.Mix(Hash, time), actor), verb);
        Hash = jobId is null ? hash : StableHash.Mix(hash, jobId);
        if (recording && lines.Count < LinesMax)
        {
            lines.Add(new TraceLine(time, actor, verb, what, jobId));
        }
    }

    /// <summary>The last lines about the job, or about <paramref name="actor"/>, with the faults that fell on those who had to do with it.</summary>
    public IReadOnlyList<TraceLine> Story(string? jobId, string? actor, int count)
    {
        var actors = new HashSet<string>(StringComparer.Ordinal) { "lighthouse" };
        if (actor is not null)
        {
            actors.Add(actor);
        }

        foreach (var line in lines)
        {
            if (jobId is not null && line.JobId == jobId)
            {
                actors.Add(line.Actor);
            }
        }

        if (jobId is not null)
        {
            actors.Remove("fleet"); // what it has to do with others would crowd out the job
        }

        var relevant = lines.Where(l => jobId is null
            ? actor is null || l.Actor == actor
            : l.JobId == jobId || (l.JobId is null && l.What is not Tick && actors.Contains(l.Actor))).ToList();
        return relevant.Count <= count ? relevant : relevant[^count..];
    }
}
