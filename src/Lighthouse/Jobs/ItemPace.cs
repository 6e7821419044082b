namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>How fast items were done by tasks that succeeded.</summary>
/// <param name="ItemMs">Milliseconds an item, the newest task's weighing half: a stretch of harder items is noticed at once.</param>
/// <param name="ItemsMax">Items of the largest task so far; 0 while there was none.</param>
public readonly record struct ItemPace(double ItemMs, int ItemsMax)
{
    private const double NewestWeight = 0.5;

    /// <summary>Nothing is faster: a clock's tick.</summary>
    private const double ItemMsMin = 0.0001;

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsKnown => ItemsMax > 0;

    public ItemPace With(double wallMs, int items)
    {
        var newest = Math.Max(ItemMsMin, (double.IsFinite(wallMs) && wallMs > 0 ? wallMs : 0) / items);
        return new ItemPace(IsKnown ? ItemMs + NewestWeight * (newest - ItemMs) : newest, Math.Max(ItemsMax, items));
    }

    /// <summary>Items a second of so many slots, in thousandths: whole numbers, so that a sum is the same in any order.</summary>
    public long MilliItemsPerSecond(int slots) => IsKnown ? (long)(slots * 1_000_000.0 / ItemMs) : 0;
}
