using AkkaCompute.Protocol;
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

    /// <summary>Not published by nodes but measured: what is free on the disk that holds their work.</summary>
    public const string Disk = "disk";

    /// <param name="value">Null where there is no such label.</param>
    public bool IsMetBy(string? value) => value is not null && (Value is null || (AtLeast ? Compare(value, Value) >= 0 : value == Value));

    /// <summary>Sizes such as <c>24GiB</c> by their bytes, everything else as versions.</summary>
    private static int Compare(string left, string right) =>
        Size(left) is { } a && Size(right) is { } b ? a.CompareTo(b) : CompareVersions(left, right);

    private static long? Size(string text) => text.Length > 0 && char.IsAsciiLetter(text[^1]) ? Quantity.Bytes(text) : null;

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
