using System.Diagnostics;
using System.Globalization;

namespace AkkaCompute.Benchmarks;

/// <summary>From submit to the result of <c>echo</c> with a warm client, beside Dask where it is installed.</summary>
internal static class Latency
{
    public static async Task RunAsync(BenchOptions options)
    {
        Console.WriteLine($"\n{options.Echoes} times 'echo', from submit to its output and result, milliseconds");
        await using var pool = await PoolUnderTest.StartAsync("plain");
        for (var i = 0; i < 20; i++)
        {
            await pool.RunTasksAsync(["echo", "warm"], 1);
        }

        var times = new List<double>();
        for (var i = 0; i < options.Echoes; i++)
        {
            var watch = Stopwatch.StartNew();
            await pool.RunTasksAsync(["echo", "hello"], 1);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        Print("pool", times);
        if (await Peers.DaskEchoMsAsync(options.Echoes) is { } dask)
        {
            Print("Dask", dask);
        }
        else
        {
            Console.WriteLine("  Dask is not installed here (apt install python3-distributed)");
        }
    }

    private static void Print(string name, IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {name}: p50 {sorted[sorted.Length / 2]:F1}, p90 {sorted[sorted.Length * 9 / 10]:F1}, p99 {sorted[sorted.Length * 99 / 100]:F1}"));
    }
}
