using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Hosting;

/// <param name="KeeperFile">The program that is started as the keeper, with <paramref name="KeeperArgs"/>: akc itself in a hidden mode.</param>
/// <param name="Log">Takes one line at a time, on any thread.</param>
internal sealed record NodeOptions(Home Home, string KeeperFile, IReadOnlyList<string> KeeperArgs, Action<string>? Log);

/// <summary>The node runs.</summary>
/// <param name="Connected">The Lighthouse has welcomed it; else it goes on trying and <paramref name="Why"/> says what is in the way.</param>
/// <param name="Sandbox"><c>bubblewrap</c> or <c>unsandboxed</c>.</param>
internal sealed record NodeReady(string Node, string Pool, bool Connected, string? Why, string Sandbox, Resources Lent);

/// <summary>A ComputeNode, from its start to its goodbye.</summary>
internal static class NodeProcess
{
    /// <summary>
    /// Runs until <paramref name="stop"/>, or until its owner's <c>stop</c> over the home's socket. Then everything that runs is
    /// killed and handed back, within <see cref="RunningNode.StopSecondsMax"/> s.
    /// </summary>
    /// <param name="ready">Called once: when it was welcomed, when no Lighthouse is found, or <see cref="RunningNode.ReadySecondsMax"/> s after its start.</param>
    /// <exception cref="Owner.NodeStartException">It can't start; the message says what to do.</exception>
    public static Task RunAsync(NodeOptions options, Action<NodeReady> ready, CancellationToken stop) =>
        RunAsync(options, NodeParts.Real, ready, stop);

    internal static async Task RunAsync(NodeOptions options, NodeParts parts, Action<NodeReady> ready, CancellationToken stop)
    {
        await using var node = await RunningNode.StartAsync(options, parts, stop);
        await node.RunAsync(ready, stop);
    }
}
