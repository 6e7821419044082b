using System.Text.Json.Serialization;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>How fast items were done by tasks that succeeded.</summary>
/// <param name="ItemMs">Milliseconds an item, starts and all, the newest task's weighing half: a stretch of harder items is noticed at once.</param>
/// <param name="ItemsMax">Items of the largest task so far; 0 while there was none.</param>
public readonly record struct ItemPace(double ItemMs, int ItemsMax)
{
    private const double NewestWeight = 0.5;

    /// <summary>Nothing is faster: a clock's tick.</summary>
    private const double ItemMsMin = 0.0001;

    /// <summary>Two tasks say what a start takes where one has at least so many times the items of the other.</summary>
    private const double TellingRatio = 1.5;

    [JsonIgnore]
    public bool IsKnown => ItemsMax > 0;

    /// <summary>What a task takes besides its items (an interpreter's start, a scene that is read), in milliseconds; null while all tasks were about as large.</summary>
    public double? StartMs { get; init; }

    /// <summary>Milliseconds an item without the starts, as far as they are known; weighed as <see cref="ItemMs"/>. 0 where an earlier version wrote the snapshot.</summary>
    public double WorkMs { get; init; }

    /// <summary>Items of the newest task.</summary>
    public int Items { get; init; }

    /// <summary>Milliseconds that the newest task took.</summary>
    public double WallMs { get; init; }

    public ItemPace With(double wallMs, int items)
    {
        var wall = double.IsFinite(wallMs) && wallMs > 0 ? wallMs : 0;
        var start = StartWith(wall, items);
        return new ItemPace(Mixed(ItemMs, wall / items, isFirst: !IsKnown), Math.Max(ItemsMax, items))
        {
            StartMs = start,
            WorkMs = Mixed(WorkMs, (wall - Math.Min(start ?? 0, wall)) / items, isFirst: WorkMs == 0 || StartMs is null != start is null),
            Items = items,
            WallMs = wall,
        };
    }

    /// <summary>Items a second of so many slots, in thousandths: whole numbers, so that a sum is the same in any order.</summary>
    public long MilliItemsPerSecond(int slots) => IsKnown ? (long)(slots * 1_000_000.0 / ItemMs) : 0;

    /// <summary>Where the line through the newest two tasks meets no items.</summary>
    private double? StartWith(double wall, int items)
    {
        if (Items == 0 || Math.Max(items, Items) < TellingRatio * Math.Min(items, Items))
        {
            return StartMs;
        }

        var start = Math.Clamp(wall - ((wall - WallMs) / (items - Items) * items), 0, Math.Min(wall, WallMs));
        return StartMs is { } before ? before + (NewestWeight * (start - before)) : start;
    }

    private static double Mixed(double before, double newest, bool isFirst) =>
        Math.Max(ItemMsMin, isFirst ? newest : before + (NewestWeight * (newest - before)));
}
