using System.Globalization;

namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>One fault, in seconds of the marks' clock.</summary>
/// <param name="Node">Null: the Lighthouse's.</param>
internal sealed record Fault(string Kind, string? Node, double From, double To)
{
    public bool IsKillOfLighthouse => this is { Node: null, Kind: LighthouseFaults.Killed };

    /// <summary>Whether an attempt may be given up for it. What runs must not notice a Lighthouse that is killed, nor a wrong clock.</summary>
    public bool MayCostAttempts => !IsKillOfLighthouse && Kind != NodeFaults.ClockSet;

    public bool Touches(double from, double to) => From <= to && To >= from;
}

/// <summary>What happened to whom, told as it happens.</summary>
internal sealed class FaultLog(Action<string> say)
{
    private readonly Lock gate = new();
    private readonly List<Fault> faults = [];
    private readonly double began = History.Now;

    public IReadOnlyList<Fault> Faults
    {
        get
        {
            lock (gate)
            {
                return [.. faults];
            }
        }
    }

    public void Say(string text) => say(string.Create(CultureInfo.InvariantCulture, $"{History.Now - began,7:0.00} s  {text}"));

    /// <summary>Notes that <paramref name="fault"/> happens for as long as it runs.</summary>
    public async Task DuringAsync(string kind, string? node, string how, Func<Task> fault)
    {
        var from = History.Now;
        Say($"{node ?? "Lighthouse"}: {kind}{how}");
        try
        {
            await fault();
        }
        finally
        {
            lock (gate)
            {
                faults.Add(new Fault(kind, node, from, History.Now));
            }
        }
    }
}
