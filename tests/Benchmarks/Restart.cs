using System.Diagnostics;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Protocol.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Benchmarks;

/// <summary>How long a Lighthouse with a long past takes to start, beside one that has none.</summary>
internal static class Restart
{
    private const int Running = 1000;
    private const int RunningTasks = 200; // half of them done

    public static async Task RunAsync(BenchOptions options)
    {
        Console.WriteLine($"\nStart of a Lighthouse, until it answers: {options.Jobs:N0} finished jobs and {Running:N0} running ones of {RunningTasks} tasks, half of them done");
        var empty = Directory.CreateTempSubdirectory("akc-bench-empty-").FullName;
        var full = Directory.CreateTempSubdirectory("akc-bench-full-").FullName;
        try
        {
            var watch = Stopwatch.StartNew();
            await FillAsync(full, options.Jobs);
            Console.WriteLine($"  made in {watch.Elapsed.TotalSeconds:F0} s: {new FileInfo(Path.Combine(new Home(full).LighthouseFolder, "pool.db")).Length >> 20} MiB");
            var (without, with) = (new List<double>(), new List<double>());
            for (var round = 1; round <= options.Rounds; round++)
            {
                without.Add(await StartSecondsAsync(empty));
                with.Add(await StartSecondsAsync(full));
                Console.WriteLine($"  round {round}: empty {without[^1]:F2} s, full {with[^1]:F2} s");
            }

            Console.WriteLine($"  every running job taken up, in this process: {await TakeUpSecondsAsync(full):F2} s");
            Console.WriteLine($"  median: empty {Throughput.Median(without):F2} s, full {Throughput.Median(with):F2} s");
        }
        finally
        {
            Directory.Delete(empty, recursive: true);
            Directory.Delete(full, recursive: true);
        }
    }

    private static async Task FillAsync(string root, int finished)
    {
        var folder = new Home(root).LighthouseFolder;
        await using var pool = await Pool.OpenAsync(
            folder, () => JournalPlace.Open(folder, null), SteadyTime.Process, NullLoggerFactory.Instance, CancellationToken.None);
        using var node = new InstantNode(pool, cores: Running * RunningTasks);
        node.Connect();
        var ended = 0;
        using var all = new SemaphoreSlim(0);
        pool.Feed.Ended += _ =>
        {
            if (Interlocked.Increment(ref ended) == finished)
            {
                all.Release();
            }
        };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, finished), new ParallelOptions { MaxDegreeOfParallelism = 512 }, async (i, _) => await SubmitAsync(pool, $"past{i}", 1));
        await all.WaitAsync();
        node.Hold(RunningTasks / 2);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Running), new ParallelOptions { MaxDegreeOfParallelism = 512 }, async (i, _) => await SubmitAsync(pool, $"now{i}", RunningTasks));
        await node.HeldAsync(Running * RunningTasks / 2);
    }

    private static async Task<double> TakeUpSecondsAsync(string root)
    {
        var folder = new Home(root).LighthouseFolder;
        var watch = Stopwatch.StartNew();
        await using var pool = await Pool.OpenAsync(
            folder, () => JournalPlace.Open(folder, null), SteadyTime.Process, NullLoggerFactory.Instance, CancellationToken.None);
        for (var i = 0; i < Running; i++)
        {
            if (await pool.ReadJobAsync($"now{i}", job => job.View().Running, CancellationToken.None) != RunningTasks / 2)
            {
                throw new InvalidOperationException($"job now{i} came back with other tasks running");
            }
        }

        return watch.Elapsed.TotalSeconds;
    }

    private static async Task SubmitAsync(Pool pool, string id, int tasks)
    {
        var template = new TaskTemplate(["python3", "simulate.py", "--seed", "17"], null, new Dictionary<string, string>(), ["*.csv"], 3600);
        var spec = new JobSpec(id, "ann", "python3 simulate.py --seed 17", tasks, new ResourceRequest(), null, [], [], 2, template, null);
        await pool.AskAsync<JobAccepted>(Protocol.Machines.Address.Job(id), to => new SubmitJob(spec, to), CancellationToken.None);
    }

    private static async Task<double> StartSecondsAsync(string home)
    {
        var start = new ProcessStartInfo(PoolUnderTest.AkcPath(), ["lighthouse", "--port", "0", "--no-beacon"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment.Remove("AKC_JOURNAL"); // of whoever measures
        start.Environment["AKC_HOME"] = home;
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        _ = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the Lighthouse did not start");
        var seconds = watch.Elapsed.TotalSeconds;
        process.Kill();
        await process.WaitForExitAsync();
        return seconds;
    }
}
