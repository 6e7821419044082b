using System.Net;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.ComputeNode.Work;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Time;

namespace AkkaCompute.ComputeNode.Hosting;

/// <summary>What an executor is given.</summary>
/// <param name="Tell">Takes AttemptStarted, AttemptEnded and AttemptStored; never blocks.</param>
internal sealed record ExecutorSeat(NodeOptions Options, ILighthouse Lighthouse, Action<Message> Tell);

/// <summary>How this node runs guests' tasks.</summary>
/// <param name="Sandbox"><c>bubblewrap</c> or <c>unsandboxed</c>.</param>
/// <param name="TaskPath">PATH as tasks see it.</param>
internal sealed record NodeWork(string Sandbox, string TaskPath, Func<ExecutorSeat, IExecutor> Executor);

/// <summary>The edges of a node that a test replaces.</summary>
/// <param name="Choose">Finds the sandbox. Throws NodeStartException when there is none and the owner does not trust guests.</param>
/// <param name="Ear">Hears beacons; null where there are none to hear.</param>
internal sealed record NodeParts(Func<NodeOptions, NodeMembership, CancellationToken, Task<NodeWork>> Choose, BeaconEar? Ear)
{
    public static readonly NodeParts Real = new(ChooseAsync, ListenAsync);

    /// <summary>The worker's and the link's.</summary>
    public TimeProvider Time { get; init; } = SteadyTime.Process;

    private static async Task ListenAsync(Action<IPAddress, Beacon> heard, CancellationToken cancel)
    {
        await foreach (var beacon in BeaconListener.ListenAsync(cancel))
        {
            heard(beacon.From, beacon.Beacon);
        }
    }

    private static async Task<NodeWork> ChooseAsync(NodeOptions options, NodeMembership own, CancellationToken cancel)
    {
        var sandbox = await SandboxChoice.ChooseAsync(options.Home, own, cancel);
        return new NodeWork(sandbox.Kind, sandbox.TaskPath, seat => new Executor(seat, sandbox, own.Name));
    }
}
