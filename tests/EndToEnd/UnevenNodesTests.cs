using System.Diagnostics;
using System.Globalization;
using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd;

/// <summary>A range over nodes of very different speed takes little longer than a perfect split.</summary>
[Collection(OneAtATime.Name)]
public sealed class UnevenNodesTests(ITestOutputHelper output)
{
    private const int Numbers = 1400;

    /// <summary>CPU time of a number, whatever it takes by the clock.</summary>
    private const double CpuSeconds = 0.05;

    /// <summary>So long their true speeds are measured, all at the same time: a quota is never met exactly.</summary>
    private const double MeasuredSeconds = 10;

    private const string BurnPy = """
        import sys, time
        begun = time.monotonic()
        end = time.process_time() + (int(sys.argv[2]) - int(sys.argv[1]) + 1) * float(sys.argv[3])
        while time.process_time() < end:
            pass
        print(time.monotonic() - begun, sys.argv[1], sys.argv[2], begun)
        """;

    /// <summary>Prints CPU seconds a second.</summary>
    private const string SpeedPy = """
        import sys, time
        begun, burnt = time.monotonic(), time.process_time()
        while time.monotonic() < begun + float(sys.argv[1]):
            pass
        print((time.process_time() - burnt) / (time.monotonic() - begun))
        """;

    private static readonly double[] Quotas = [1.0, 0.5, 0.25];

    [Theory]
    [InlineData(false, 1.15)]
    [InlineData(true, 1.3)] // one of them is stopped in the last tenth
    public async Task A_range_over_nodes_of_different_speed_takes_little_longer_than_a_perfect_split(bool stopsOne, double limit)
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        var quotas = Quotas.Select(q => new CpuQuota(q)).ToList();
        try
        {
            await using var one = await raj.FriendAsync("one");
            await using var half = await raj.FriendAsync("half");
            await using var quarter = await raj.FriendAsync("quarter");
            Machine[] machines = [one, half, quarter];
            for (var i = 0; i < machines.Length; i++)
            {
                LinuxProcess.All().Where(p => p.Environment.Contains("AKC_HOME=" + machines[i].Home)).ToList().ForEach(p => quotas[i].Hold(p.Pid));
            }

            raj.Write("burn.py", BurnPy);
            var perfect = await PerfectSecondsAsync(quotas);
            var clock = Stopwatch.StartNew();
            using var run = raj.Start(
                "map", "--range", $"1..{Numbers}", "--memory", "16MiB", "--", "burn.py", "{start}", "{end}", CpuSeconds.ToString(CultureInfo.InvariantCulture));
            if (stopsOne)
            {
                while (!(await raj.JobsAsync()).Any(job => job.ItemsDone >= Numbers * 9 / 10))
                {
                    await Task.Delay(1000, TestContext.Current.CancellationToken); // to ask takes CPU time that is counted
                }

                LinuxProcess.All().Where(p => p.Environment.Contains("AKC_HOME=" + half.Home)).ToList().ForEach(p => Signals.TrySend(p.Pid, Signals.Stop));
            }

            var xx = (await run.ResultAsync(TestContext.Current.CancellationToken)).Expect();
            File.WriteAllText("/tmp/uneven.txt", xx.Stdout + xx.Stderr);
            var took = clock.Elapsed.TotalSeconds;
            LinuxProcess.All().Where(p => p.Environment.Contains("AKC_HOME=" + half.Home)).ToList().ForEach(p => Signals.TrySend(p.Pid, Signals.Continue));
            output.WriteLine($"{took:0.0} s of {perfect:0.0} s that a perfect split takes: {took / perfect:0.00}");
            (took / perfect).ShouldBeLessThan(limit, $"{took:0.0} s of {perfect:0.0} s");
        }
        finally
        {
            quotas.ForEach(q => q.Dispose());
        }
    }

    /// <summary>Of a split that needs no starts, no messages and no guesses: all burn all the time, each at its speed.</summary>
    private static async Task<double> PerfectSecondsAsync(List<CpuQuota> quotas)
    {
        var speeds = await Task.WhenAll(quotas.Select(async quota =>
        {
            using var process = Process.Start(new ProcessStartInfo("python3", ["-c", SpeedPy, MeasuredSeconds.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true,
            })!;
            quota.Hold(process.Id);
            var speed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0);
            return double.Parse(speed, CultureInfo.InvariantCulture);
        }));
        return Numbers * CpuSeconds / speeds.Sum();
    }
}
