using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Tests.Jobs;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Fleet;

/// <summary>A Fleet, and short words for what it is told.</summary>
internal sealed class FleetUnderTest() : MachineUnderTest<FleetMachine, FleetEvent>(Address.Fleet)
{
    public const long GiB = 1024L * 1024 * 1024;

    private readonly SortedDictionary<string, long> connections = [];

    public static FleetUnderTest Started(long epoch = 1, params KnownNode[] known)
    {
        var fleet = new FleetUnderTest();
        fleet.Tell(new FleetStarted(epoch) { Known = known });
        return fleet;
    }

    public static NodeOffer Offer(int cores, long memoryGiB, params string[] labels) => new(
        new Resources(cores, memoryGiB * GiB, 0), labels.Select(l => l.Split('=')).ToDictionary(l => l[0], l => l.Length > 1 ? l[1] : ""),
        "bubblewrap", null, []);

    public static NodeUsage Usage(double others = 0, bool paused = false) => new(others, others, 4 * GiB, 100 * GiB, paused);

    public IReadOnlyList<Envelope> Connect(
        string node, int cores = 4, long memoryGiB = 8, string boot = "b1", long? connection = null, NodeOffer? offer = null,
        NodeUsage? usage = null, params HeldLease[] held)
    {
        connections[node] = connection ?? connections.GetValueOrDefault(node) + 1;
        return Tell(new NodeConnected(
            node, node, "owner-of-" + node, boot, connections[node], offer ?? Offer(cores, memoryGiB), usage ?? Usage(), held));
    }

    public IReadOnlyList<Envelope> Beat(string node, string boot = "b1", NodeUsage? usage = null, params HeldLease[] held) =>
        Tell(new NodeHeartbeat(node, boot, connections[node], null, usage ?? Usage(), held));

    public IReadOnlyList<Envelope> Close(string node, bool goodbye = false) => Tell(new NodeClosed(node, "b1", connections[node], goodbye));

    public IReadOnlyList<Envelope> Want(
        string job, int slots, long order = 1, ResourceRequest? request = null, string? node = null, string[]? needs = null,
        string[]? prefers = null, params Lease[] held) => WantAs("raj", job, slots, order, request, node, needs, prefers, 0, held);

    public IReadOnlyList<Envelope> WantAs(
        string owner, string job, int slots, long order = 1, ResourceRequest? request = null, string? node = null, string[]? needs = null,
        string[]? prefers = null, int priority = 0, params Lease[] held) =>
        Tell(new Demand(job, owner, order, request ?? new ResourceRequest(), node, needs ?? [], prefers ?? [], slots, held) { Priority = priority });

    public static JobView Job(string id, string state = "queued") => new(
        id, id, "raj", "true", state, 1, 1, 0, 0, 0, null, default, null, null, [], null);

    public WhyView Why(string job) => Machine.Explain(Job(job), null);

    public NodeView Node(string name) => Machine.Nodes().Single(n => n.Name == name);

    /// <summary>Granted leases as (job, node, slots), by node.</summary>
    public static List<(string Job, string Node, int Slots)> Granted(IEnumerable<Envelope> sent) =>
        [.. sent.Of<LeaseGranted>().Select(g => (g.Lease.JobId, g.Lease.NodeId, g.Lease.Slots)).OrderBy(g => g.NodeId, StringComparer.Ordinal)];
}
