using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Lighthouse.Outputs;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Lighthouse.Views;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>The pool as the edges use it.</summary>
/// <param name="IsReplaced">Whether another Lighthouse has the journal: this one may have slept meanwhile.</param>
/// <param name="NextConnection">The number of a new node session; grows over restarts too.</param>
internal sealed record PoolParts(
    IPool Machines, IViews Views, IJobFeed Feed, IOutputStore Outputs, IBlobStore Blobs, NodeOffers Offers, Func<long> NextConnection,
    Func<Task<bool>> IsReplaced)
{
    public static PoolParts Of(Pool pool) => new(pool, pool.Views, pool.Feed, pool.Outputs, pool.Blobs, pool.Offers, pool.NextConnection, pool.IsReplacedAsync);
}
