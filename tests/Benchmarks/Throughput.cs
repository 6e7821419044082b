using System.Diagnostics;

namespace AkkaCompute.Benchmarks;

/// <summary>Short process tasks a second: the whole pool, durable, beside <c>xargs -P2</c>, in turn so that both meet the same weather.</summary>
internal static class Throughput
{
    public static async Task RunAsync(BenchOptions options)
    {
        Console.WriteLine($"\n{options.Tasks} tasks of 'true', a second");
        var xargs = new List<double>();
        var plain = new List<double>();
        var sandboxed = new List<double>();
        await using var pool = await PoolUnderTest.StartAsync("plain");
        await using var boxed = Peers.Has("bwrap") ? await PoolUnderTest.StartAsync("bubblewrap") : null;
        await pool.RunTasksAsync(["true"], 50); // warm, as xargs is
        for (var round = 1; round <= options.Rounds; round++)
        {
            xargs.Add(options.Tasks / await Peers.XargsSecondsAsync(options.Tasks));
            plain.Add(options.Tasks / await SecondsAsync(pool, options.Tasks));
            Console.WriteLine($"  round {round}: xargs -P2 {xargs[^1]:F0}, pool {plain[^1]:F0}");
            if (boxed is not null)
            {
                sandboxed.Add(options.Tasks / await SecondsAsync(boxed, options.Tasks));
                Console.WriteLine($"           pool in bubblewrap {sandboxed[^1]:F0}");
            }
        }

        Console.WriteLine($"  median: xargs -P2 {Median(xargs):F0}, pool {Median(plain):F0} ({Median(plain) / Median(xargs):P0} of xargs)");
        if (boxed is not null)
        {
            Console.WriteLine($"          pool in bubblewrap {Median(sandboxed):F0} ({Median(sandboxed) / Median(xargs):P0} of xargs)");
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static async Task<double> SecondsAsync(PoolUnderTest pool, int tasks)
    {
        var watch = Stopwatch.StartNew();
        await pool.RunTasksAsync(["true"], tasks);
        return watch.Elapsed.TotalSeconds;
    }
}
