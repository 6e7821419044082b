using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>How much of the machine its owner lends.</summary>
internal static class LentResources
{
    /// <summary>The system, a desktop and a browser keep breathing while guests use all that they were given.</summary>
    public const long OwnerMemoryBytesMin = 1024L * 1024 * 1024;

    /// <summary>Of a large machine the owner keeps a share: its file cache is what makes it feel fast.</summary>
    public const double MemoryShareMax = 0.8;

    /// <param name="whole">What the machine (or its container) has.</param>
    public static Resources Of(Resources whole, NodeMembership owner) => new(
        Math.Max(1, owner.CoresLent ?? whole.Cores), // more than there are is the owner's word: tasks that wait a lot
        Math.Min(whole.MemoryBytes, Math.Max(0, owner.MemoryBytesLent ?? MemoryOf(whole.MemoryBytes))),
        Math.Clamp(owner.GpusLent ?? whole.Gpus, 0, whole.Gpus));

    /// <summary>80 %, and at least 1 GiB left to the owner; half of a machine that is too small for that.</summary>
    private static long MemoryOf(long whole) =>
        Math.Max(whole / 2, Math.Min((long)(whole * MemoryShareMax), whole - OwnerMemoryBytesMin));
}
