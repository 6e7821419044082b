namespace AkkaCompute.Simulation.Time;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine and every version of .NET.
/// Each part of the pool forks its own, so that one more draw in one part leaves the others as they were.
/// </summary>
internal sealed class Rng(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public Rng Fork(string label) => new(Next() ^ StableHash.Of(label));

    /// <summary>0 to <paramref name="count"/> - 1. The bias of a remainder of 2^64 is far below what faults need.</summary>
    public int Below(int count) => (int)(Next() % (ulong)count);

    public int Between(int least, int most) => least + Below(most - least + 1);

    public long Between(long least, long most) => least + (long)(Next() % (ulong)(most - least + 1));

    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Draws nothing where the answer is certain.</summary>
    public bool Chance(double probability) => probability > 0 && Unit() < probability;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];
}

/// <summary>FNV-1a: <c>string.GetHashCode</c> differs from process to process.</summary>
internal static class StableHash
{
    public const ulong Start = 0xCBF29CE484222325;
    private const ulong Prime = 0x100000001B3;

    public static ulong Of(string text) => Mix(Start, text);

    public static ulong Mix(ulong hash, string text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        return hash;
    }

    public static ulong Mix(ulong hash, long value)
    {
        hash = (hash ^ (ulong)value) * Prime;
        return hash ^ (hash >> 29);
    }
}
