using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>Faults of all kinds on a network of hosts, while jobs are submitted; then the history is held against the promises.</summary>
internal sealed class ChaosCampaign(CampaignOptions options, Action<string> say)
{
    /// <summary>After the last fault: 15 s for nodes to come back, retries, and what was queued.</summary>
    private const double EndWithinSeconds = 150;

    private const int DiskMegabytes = 256;

    // Node faults that happen at once; at least half of the nodes are well.
    private const int AtOnce = 2;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <returns>What is broken, one line each.</returns>
    public async Task<IReadOnlyList<string>> RunAsync()
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
        await BreakAsync(pool, clocks, lighthouseDisk, nodeDisk, log);
        log.Say("no more faults");
        var hasEnded = await pool.EndedAsync(EndWithinSeconds);
        log.Say(hasEnded ? "all jobs have ended" : "not all jobs have ended");
        return await JudgeAsync(pool, log);
    }

    private async Task BreakAsync(ChaosPool pool, IReadOnlyDictionary<string, WrongClock> clocks, SmallDisk lighthouseDisk, SmallDisk nodeDisk, FaultLog log)
    {
        var end = Task.Delay(options.Duration, Cancel);
        var lighthouse = new LighthouseFaults(pool, lighthouseDisk, log, Cancel);
        var faults = new NodeFaults(pool, clocks, nodeDisk, log, Cancel);
        var jobs = new CampaignJobs(pool, log, Cancel);
        var loops = new List<Task>
        {
            jobs.SubmitAsync(new Random(options.Seed), end),
            RepeatAsync(new Random(options.Seed + 1), pauseMax: 15, end, lighthouse.OneAsync),
        };
        for (var i = 0; i < AtOnce; i++)
        {
            var mine = pool.Nodes.Where((_, index) => index % AtOnce == i).ToList(); // so no node has two at once
            loops.Add(RepeatAsync(new Random(options.Seed + 2 + i), pauseMax: 5, end, random => faults.OneAsync(mine[random.Next(mine.Count)], random)));
        }

        await Task.WhenAll(loops);
    }

    private static async Task RepeatAsync(Random random, double pauseMax, Task end, Func<Random, Task> fault)
    {
        while (true)
        {
            await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * pauseMax), Cancel), end);
            if (end.IsCompleted)
            {
                return;
            }

            await fault(random);
        }
    }

    private async Task<IReadOnlyList<string>> JudgeAsync(ChaosPool pool, FaultLog log)
    {
        var checker = new HistoryChecker(pool.Socket, pool.HistoryFolder) { MayNotBeStored = true };
        var violations = (await checker.CheckAsync(pool.Jobs, Cancel)).ToList();
        var (judged, restarts) = RestartPromise.Check(pool.History, log.Faults);
        violations.AddRange(restarts);
        foreach (var line in CampaignFigures.Lines(pool.Jobs, pool.History, log.Faults, judged))
        {
            say(line);
        }

        foreach (var violation in violations)
        {
            say("BROKEN: " + violation);
        }

        say(violations.Count == 0
            ? $"all promises kept, seed {options.Seed}"
            : $"{violations.Count} promises broken, seed {options.Seed}; evidence: {await Evidence.SaveAsync(pool, violations, Cancel)}");
        return violations;
    }
}
