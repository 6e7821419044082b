using System.Diagnostics;

namespace AkkaCompute.Fuzz.Engine;

/// <summary>Makes a failing input smaller for as long as it fails in the same way.</summary>
internal static class Shrinker
{
    private const int TriesMax = 3000;

    /// <summary>Of slow targets a rather large input will do.</summary>
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(20);

    public static byte[] Shrink(byte[] input, Func<byte[], bool> fails)
    {
        var (tries, began) = (0, Stopwatch.GetTimestamp());
        for (var size = Math.Max(1, input.Length / 2); size > 0 && tries < TriesMax; size = Next(size))
        {
            for (var at = 0; at < input.Length && tries < TriesMax && Stopwatch.GetElapsedTime(began) < TimeMax;)
            {
                byte[] candidate = [.. input.AsSpan(0, at), .. input.AsSpan(Math.Min(input.Length, at + size))];
                tries++;
                if (fails(candidate))
                {
                    input = candidate;
                }
                else
                {
                    at += size;
                }
            }
        }

        return input;
    }

    private static int Next(int size) => size == 1 ? 0 : size / 2;
}
