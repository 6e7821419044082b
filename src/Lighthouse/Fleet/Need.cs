using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>What a job asks of a node, read once.</summary>
/// <param name="On">Names of nodes of which one is to run it; none for any.</param>
/// <param name="NotOn">Names of nodes that are not to.</param>
internal sealed record Need(
    ResourceRequest Request, IReadOnlyList<string> On, IReadOnlyList<string> NotOn, IReadOnlyList<LabelNeed> Labels, IReadOnlyList<LabelNeed> Prefers)
{
    /// <summary>The same for needs that the same nodes can meet.</summary>
    public string Key { get; } =
        $"{Request.Cores} {Request.MemoryBytes} {Request.Gpus}\n{string.Join(' ', On)}\n{string.Join(' ', NotOn)}\n{string.Join('\n', Labels.Select(l => l.Text))}";

    public static Need Of(Demand demand) => new(
        demand.Request, Names(demand), demand.NotOn, [.. demand.Needs.Select(LabelNeed.Parse)], [.. demand.Prefers.Select(LabelNeed.Parse)]);

    /// <summary>Whether <paramref name="demand"/> asks the same.</summary>
    public bool Asks(Demand demand) =>
        Request == demand.Request && On.SequenceEqual(Names(demand)) && NotOn.SequenceEqual(demand.NotOn) &&
        Labels.Select(l => l.Text).SequenceEqual(demand.Needs) && Prefers.Select(l => l.Text).SequenceEqual(demand.Prefers);

    private static IReadOnlyList<string> Names(Demand demand) => demand.Node is { } node ? [node] : demand.On;
}
