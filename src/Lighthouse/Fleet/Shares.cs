using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>
/// Parts of the pool, comparable over cores, memory and GPUs: the largest part that is taken of any of them. See Ghodsi et al.,
/// "Dominant Resource Fairness: Fair Allocation of Multiple Resource Types", NSDI 2011.
/// </summary>
internal static class Shares
{
    /// <summary>What rounding may add up to; far less than a core of any pool.</summary>
    public const double Epsilon = 1e-9;

    /// <param name="lent">All that nodes that are here lend.</param>
    /// <returns>0 to 1; more for what was leased of nodes that are not here.</returns>
    public static double Of(Resources taken, Resources lent) =>
        Math.Max(Part(taken.Cores, lent.Cores), Math.Max(Part(taken.MemoryBytes, lent.MemoryBytes), Part(taken.Gpus, lent.Gpus)));

    private static double Part(long taken, long lent) => taken <= 0 ? 0 : (double)taken / Math.Max(1, lent);
}
