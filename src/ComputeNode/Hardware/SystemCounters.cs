namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>CPU time of the whole machine since it started, in any unit.</summary>
internal readonly record struct CpuTimes(long Busy, long Total)
{
    /// <summary>Share of all cores that was busy since <paramref name="before"/>, 0 to 1.</summary>
    public double ShareSince(CpuTimes before) =>
        Total > before.Total ? Math.Clamp((double)(Busy - before.Busy) / (Total - before.Total), 0, 1) : 0;
}

/// <summary>What the operating system counts. Read every 2 s for as long as the node runs, so it must be cheap. Not thread-safe.</summary>
internal abstract class SystemCounters : IDisposable
{
    public abstract long MemoryTotalBytes { get; }

    public static SystemCounters Open() =>
        OperatingSystem.IsLinux() ? new LinuxCounters() :
        OperatingSystem.IsWindows() ? new WindowsCounters() :
        new PortableCounters();

    public abstract CpuTimes ReadCpu();

    public abstract long ReadMemoryFree();

    /// <summary>CPU time of all processes that this one started and that they started, in the unit of <see cref="CpuTimes"/>; null where it is not known.</summary>
    public virtual long? ReadGuestCpu() => null;

    public virtual void Dispose()
    {
    }
}

/// <summary>What the runtime knows anywhere: memory, no CPU.</summary>
internal sealed class PortableCounters : SystemCounters
{
    public override long MemoryTotalBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public override CpuTimes ReadCpu() => default;

    public override long ReadMemoryFree()
    {
        var memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }
}
