namespace AkkaCompute.Fuzz.Engine;

/// <summary>The same numbers from the same seed on every runtime (SplitMix64, Steele et al. 2014).</summary>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to <paramref name="end"/> - 1.</summary>
    public int Below(int end) => (int)(Next() % (ulong)Math.Max(1, end));

    /// <summary>Small numbers often, large ones sometimes: 1 to <paramref name="max"/>.</summary>
    public int Length(int max) => 1 + Below(Math.Min(max, 1 << Below(1 + (int)Math.Log2(Math.Max(1, max)))));

    public bool OneIn(int count) => Below(count) == 0;

    public T Of<T>(IReadOnlyList<T> list) => list[Below(list.Count)];
}
