namespace AkkaCompute.Protocol.Jobs;

/// <summary>Part of a machine: whole cores, bytes of memory, whole GPUs.</summary>
public sealed record Resources(int Cores, long MemoryBytes, int Gpus)
{
    public static readonly Resources None = new(0, 0, 0);

    /// <summary>More than any machine has, and so little that sums over a pool stay far from overflow.</summary>
    public const int CoresMax = 65_536;

    /// <inheritdoc cref="CoresMax"/>
    public const long MemoryBytesMax = 64L * 1024 * 1024 * 1024 * 1024;

    /// <inheritdoc cref="CoresMax"/>
    public const int GpusMax = 1024;

    /// <summary>No part is negative or beyond what there can be. False of null, which JSON leaves where a part is missing.</summary>
    public static bool AreSound(Resources? resources) =>
        resources is { Cores: >= 0 and <= CoresMax, MemoryBytes: >= 0 and <= MemoryBytesMax, Gpus: >= 0 and <= GpusMax };

    public bool FitsIn(Resources free) => Cores <= free.Cores && MemoryBytes <= free.MemoryBytes && Gpus <= free.Gpus;

    public Resources Plus(Resources other) => new(Cores + other.Cores, MemoryBytes + other.MemoryBytes, Gpus + other.Gpus);

    public Resources Minus(Resources other) => new(Cores - other.Cores, MemoryBytes - other.MemoryBytes, Gpus - other.Gpus);

    public Resources Times(int count) => new(Cores * count, MemoryBytes * count, Gpus * count);
}

/// <summary>
/// What one task asks. <paramref name="MemoryBytes"/> null means the node's lent memory per lent core, times the cores asked.
/// </summary>
public sealed record ResourceRequest(int Cores = 1, long? MemoryBytes = null, int Gpus = 0)
{
    /// <summary>The request in a node's own terms.</summary>
    public Resources On(Resources capacity) =>
        new(Cores, MemoryBytes ?? capacity.MemoryBytes / Math.Max(1, capacity.Cores) * Cores, Gpus);
}
