using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>Faults of all kinds on a network of hosts, while jobs are submitted; then the history is held against the promises.</summary>
/// <param name="beside">What else happens at the same time.</param>
internal sealed class ChaosCampaign(CampaignOptions options, Action<string> say, Func<ChaosPool, Task>? beside = null)
{
    /// <summary>After the last fault: 15 s for nodes to come back, retries, and what was queued.</summary>
    private const double EndWithinSeconds = 150;

    private const int DiskMegabytes = 256;

    private readonly List<string> violations = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What is missing for a campaign, or null.</summary>
    public static string? WhyNot() => TestNetwork.WhyNot() ?? SmallDisk.WhyNot() ?? WrongClock.WhyNot();

    public async Task<CampaignOutcome> RunAsync()
    {
        var nodes = 4 + new Random(options.Seed).Next(3);
        say($"chaos with seed {options.Seed} on {nodes} nodes for {options.Duration.TotalSeconds:0} s");
        using var lighthouseDisk = SmallDisk.Make(DiskMegabytes);
        using var nodeDisk = SmallDisk.Make(DiskMegabytes);
        await using var pool = await ChaosPool.StartAsync(nodes: 0, home: Path.Combine(lighthouseDisk.Folder, "home"));
        var clocks = new Dictionary<string, WrongClock>();
        for (var i = 1; i <= nodes; i++)
        {
            var node = pool.NewMachine($"node{i}", i == 1 ? Path.Combine(nodeDisk.Folder, "home") : null);
            clocks.Add(node.Name, WrongClock.On(node.Machine, TimeSpan.Zero));
            await pool.JoinAsync(node);
        }

        var log = new FaultLog(say);
        var faults = new CampaignFaults(pool, options, new LighthouseFaults(pool, lighthouseDisk, log, Cancel), new NodeFaults(pool, clocks, nodeDisk, log, Cancel), log);
        await StepAsync("while faults happened", () => Task.WhenAll(faults.RunAsync(Cancel), BesideAsync(pool)));
        log.Say("no more faults");
        await StepAsync("after the last fault", async () => log.Say(await pool.EndedAsync(EndWithinSeconds) ? "all jobs have ended" : "not all jobs have ended"));
        return await JudgeAsync(pool, log);
    }

    /// <summary>What fails here is broken too: a Lighthouse that answers nobody, a node that does not start again. There is evidence of it then.</summary>
    private async Task StepAsync(string when, Func<Task> step)
    {
        var task = step();
        await task.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        Cancel.ThrowIfCancellationRequested();
        violations.AddRange((task.Exception?.Flatten().InnerExceptions ?? []).Select(e => $"{when}: {e.GetType().Name}: {e.Message}"));
    }

    private async Task BesideAsync(ChaosPool pool)
    {
        if (beside is not null)
        {
            await beside(pool);
        }
    }

    private async Task<CampaignOutcome> JudgeAsync(ChaosPool pool, FaultLog log)
    {
        var (history, faults) = (pool.History, log.Faults);
        await StepAsync("at the end", async () => violations.AddRange(await pool.CheckAsync(
            new HistoryChecker(history) { MayNotBeStored = true, MayBeLost = start => RestartPromise.MayBeLost(history, start, faults) })));
        var (judged, restarts) = RestartPromise.Check(history, faults);
        violations.AddRange(restarts);
        foreach (var line in CampaignFigures.Lines(pool.Jobs, history, faults, judged))
        {
            say(line);
        }

        foreach (var violation in violations)
        {
            say("BROKEN: " + violation);
        }

        var evidence = violations.Count == 0 ? null : await Evidence.SaveAsync(pool, violations, Cancel);
        say(evidence is null
            ? $"all promises kept, seed {options.Seed}"
            : $"{violations.Count} promises broken, seed {options.Seed}; evidence: {evidence}");
        return new CampaignOutcome(violations, evidence, history.Starts.Count(), faults.Count(f => f.IsKillOfLighthouse), judged);
    }
}
