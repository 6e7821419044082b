using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>One GPU of this machine, as its driver names it.</summary>
internal sealed record Gpu(string Name, long MemoryBytes, string Driver)
{
    /// <summary>More do not fit into one machine.</summary>
    private const int CountMax = 64;

    private static readonly string[] Query = ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits"];

    /// <summary>A label with the memory of the smallest GPU: a task may get any of them.</summary>
    public const string MemoryLabel = LabelNeed.GpuMemory;

    /// <summary>Such as <c>24576MiB</c>, which a task asks for as <c>gpu.memory>=24GiB</c>.</summary>
    public static string LeastMemory(IReadOnlyList<Gpu> gpus) => $"{gpus.Min(g => g.MemoryBytes) >> 20}MiB";

    /// <summary>NVIDIA's, by nvidia-smi; empty where there is no driver or no answer.</summary>
    public static async Task<IReadOnlyList<Gpu>> ProbeAsync(ProgramProbe probe, CancellationToken cancel) =>
        probe.Find("nvidia-smi") is { } smi && await probe.AskAsync(smi, Query, cancel) is { } answer ? Parse(answer) : [];

    /// <summary>Lines such as <c>NVIDIA H200, 143771, 570.86.15</c>, memory in MiB (<c>[N/A]</c> where it is shared with the system).</summary>
    public static IReadOnlyList<Gpu> Parse(string csv)
    {
        var gpus = new List<Gpu>();
        foreach (var line in csv.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(CountMax))
        {
            var fields = line.Split(',', StringSplitOptions.TrimEntries);
            if (fields is [{ Length: > 0 and <= 100 } name, var memory, { Length: <= 40 } driver])
            {
                gpus.Add(new Gpu(name, long.TryParse(memory, out var mebibytes) ? mebibytes * 1024 * 1024 : 0, driver));
            }
        }

        return gpus;
    }
}
