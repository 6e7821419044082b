namespace AkkaCompute.Simulation.Scale;

/// <summary>What a job cost that ran alone on a pool without faults, from its submit to its end.</summary>
/// <param name="Tasks">That were made; an array's are its items.</param>
/// <param name="Steps">Of the queue: whatever anybody did or got.</param>
/// <param name="AllocatedBytes">By everything that is simulated, measuring itself left out.</param>
/// <param name="EventBytes">JSON of the job's journal.</param>
internal sealed record ScaleFigures(
    string Kind, int Items, long Tasks, long VirtualTime, TimeSpan Wall, TimeSpan Cpu, long Steps, long AllocatedBytes, long EventBytes, long SnapshotBytes,
    Held Taken, Held Half, Held Ended)
{
    public double StepsPerTask => (double)Steps / Tasks;

    public double AllocatedPerTask => (double)AllocatedBytes / Tasks;

    public double JournaledPerTask => (double)(EventBytes + SnapshotBytes) / Tasks;

    public double MicrosecondsPerTask => Cpu.TotalMicroseconds / Tasks;
}

/// <summary>Bytes that the job has come to so far: what is held, less what the same held before it was submitted.</summary>
/// <param name="Workers">Of all nodes together, each a computer of its own.</param>
/// <param name="Heap">Everything that lives, hosts and the queue too, as the collector counts; 0 where it was not asked.</param>
internal readonly record struct Held(long Supervisor, long Fleet, long Workers, long Heap)
{
    public long Lighthouse => Supervisor + Fleet;

    public Held Less(Held other) =>
        new(Supervisor - other.Supervisor, Fleet - other.Fleet, Workers - other.Workers, Heap - other.Heap);
}
