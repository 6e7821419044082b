using System.Runtime.InteropServices;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>What this machine has, what its owner lends of it, how it is labelled, and what is in use just now.</summary>
internal sealed class ResourceMonitor : IDisposable
{
    private readonly NodeMembership owner;
    private readonly string workFolder;
    private readonly ProgramProbe probe;
    private readonly SystemCounters counters = SystemCounters.Open();
    private readonly CgroupLimits limits = CgroupLimits.Read();
    private readonly Lock sampling = new();
    private readonly Resources whole;
    private CpuTimes cpuBefore;
    private long? guestsBefore;

    /// <param name="workFolder">Where guests' files go: its disk is the one that counts. It must exist.</param>
    /// <param name="searchPath">PATH as tasks see it.</param>
    /// <param name="sandbox"><c>bubblewrap</c> or <c>unsandboxed</c>.</param>
    public ResourceMonitor(NodeMembership owner, string workFolder, string searchPath, string sandbox)
    {
        this.owner = owner;
        this.workFolder = workFolder;
        probe = new ProgramProbe(searchPath);
        var memory = counters.MemoryTotalBytes;
        whole = new Resources(Cores(), Math.Min(memory, limits.MemoryBytes ?? memory), 0);
        cpuBefore = counters.ReadCpu();
        Offer = new NodeOffer(LentResources.Of(whole, owner), Labels(ToolLabels.Find(probe)), sandbox, CpuModel(), []);
    }

    /// <summary>The same object until something changes.</summary>
    public NodeOffer Offer { get; private set; }

    /// <summary>Looks for what takes a while to find: GPUs, versions, Python's distributions. Changes <see cref="Offer"/> as it goes.</summary>
    /// <param name="lentChanged">GPUs were found and are lent.</param>
    public async Task ProbeAsync(Action<Resources> lentChanged, CancellationToken cancel)
    {
        var gpus = await Gpu.ProbeAsync(probe, cancel);
        if (gpus.Count > 0)
        {
            var lent = LentResources.Of(whole with { Gpus = gpus.Count }, owner);
            Offer = Offer with { Capacity = lent, GpuNames = [.. gpus.Select(g => g.Name)] };
            lentChanged(lent);
        }

        var labels = ToolLabels.Find(probe);
        await ToolLabels.AskVersionsAsync(probe, labels, cancel);
        if (gpus.Count > 0)
        {
            labels["nvidia-smi"] = gpus[0].Driver;
            labels[Gpu.MemoryLabel] = Gpu.LeastMemory(gpus);
        }

        foreach (var (label, version) in await PythonLabels.ProbeAsync(probe, cancel))
        {
            labels[label] = version;
        }

        Offer = Offer with { Labels = Labels(labels) };
    }

    /// <summary>Usage since the last call; called with each heartbeat.</summary>
    /// <param name="hasGuests">Without tasks the others use it all, and nothing has to be searched for.</param>
    public NodeUsage Sample(bool hasGuests)
    {
        lock (sampling)
        {
            var cpu = counters.ReadCpu();
            var total = cpu.ShareSince(cpuBefore);
            var guests = hasGuests ? counters.ReadGuestCpu() : null;
            var share = guests is null || guestsBefore is null || cpu.Total <= cpuBefore.Total
                ? 0
                : Math.Max(0.0, guests.Value - guestsBefore.Value) / (cpu.Total - cpuBefore.Total);
            (cpuBefore, guestsBefore) = (cpu, guests);
            var memory = counters.ReadMemoryFree();
            return new NodeUsage(
                Math.Round(Math.Max(0, total - share), 3), Math.Round(total, 3),
                Math.Min(memory, limits.MemoryFreeBytes() ?? memory), DiskFree(), Paused: false);
        }
    }

    public void Dispose() => counters.Dispose();

    private static string? CpuModel()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        }

        try
        {
            // The first processor's lines are enough: the whole file has them for each of hundreds.
            var line = File.ReadLines("/proc/cpuinfo").Take(32).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
            return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The runtime rounds a quota of 1.5 cores up; two tasks on it would both be slowed, so round down.</summary>
    private int Cores() =>
        Math.Max(1, Math.Min(Environment.ProcessorCount, limits.Cores is { } quota ? (int)Math.Floor(quota) : int.MaxValue));

    private SortedDictionary<string, string> Labels(SortedDictionary<string, string> tools)
    {
        tools["os"] = OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "other";
        tools["arch"] = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
        tools["cores"] = whole.Cores.ToString();
        return tools;
    }

    private long DiskFree()
    {
        try
        {
            return new DriveInfo(workFolder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return 0;
        }
    }
}
