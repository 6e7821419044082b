using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>What a job asks of a node, read once.</summary>
internal sealed record Need(ResourceRequest Request, string? Node, IReadOnlyList<LabelNeed> Labels, IReadOnlyList<LabelNeed> Prefers)
{
    /// <summary>The same for needs that the same nodes can meet.</summary>
    public string Key { get; } = $"{Request.Cores} {Request.MemoryBytes} {Request.Gpus}\n{Node}\n{string.Join('\n', Labels.Select(l => l.Text))}";

    public static Need Of(Demand demand) => new(
        demand.Request, demand.Node, [.. demand.Needs.Select(LabelNeed.Parse)], [.. demand.Prefers.Select(LabelNeed.Parse)]);

    /// <summary>Whether <paramref name="demand"/> asks the same.</summary>
    public bool Asks(Demand demand) =>
        Request == demand.Request && Node == demand.Node && Labels.Select(l => l.Text).SequenceEqual(demand.Needs) &&
        Prefers.Select(l => l.Text).SequenceEqual(demand.Prefers);
}

/// <summary>A label that a node must have: <c>python3</c>, <c>os=linux</c>, <c>python3&gt;=3.10</c>.</summary>
internal sealed record LabelNeed(string Text, string Label, string? Value, bool AtLeast)
{
    public static LabelNeed Parse(string text)
    {
        if (text.IndexOf(">=", StringComparison.Ordinal) is var atLeast && atLeast > 0)
        {
            return new LabelNeed(text, text[..atLeast].Trim(), text[(atLeast + 2)..].Trim(), true);
        }

        return text.IndexOf('=', StringComparison.Ordinal) is var equals && equals > 0
            ? new LabelNeed(text, text[..equals].Trim(), text[(equals + 1)..].Trim(), false)
            : new LabelNeed(text, text.Trim(), null, false);
    }

    public bool IsMet(IReadOnlyDictionary<string, string> labels) =>
        labels.TryGetValue(Label, out var value) &&
        (Value is null || (AtLeast ? CompareVersions(value, Value) >= 0 : value == Value));

    /// <summary>Number by number, so that 3.10 is more than 3.9; what is no number counts as 0, a missing part too.</summary>
    private static int CompareVersions(string left, string right)
    {
        var a = left.Split('.');
        var b = right.Split('.');
        for (var i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            var order = Part(a, i).CompareTo(Part(b, i));
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static long Part(string[] parts, int index) =>
        index < parts.Length && long.TryParse(new string([.. parts[index].TakeWhile(char.IsAsciiDigit)]), out var number) ? number : 0;
}
