namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>A quiet time, then all faults at once for a while, and so on; jobs are submitted all along.</summary>
internal sealed class CampaignFaults(ChaosPool pool, CampaignOptions options, LighthouseFaults lighthouse, NodeFaults nodes, FaultLog log)
{
    // Node faults that happen at once; at least half of the nodes are well.
    private const int AtOnce = 2;

    /// <summary>So long all faults happen, until it is quiet again.</summary>
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(90);

    public async Task RunAsync(CancellationToken cancel)
    {
        var end = Task.Delay(options.Duration, cancel);
        await Task.WhenAll(new CampaignJobs(pool, log, cancel).SubmitAsync(new Random(options.Seed), end), BreakAsync(end, cancel));
    }

    private async Task BreakAsync(Task end, CancellationToken cancel)
    {
        var began = History.Now;
        var quiet = new QuietWindow(pool, lighthouse, log, cancel);
        var randoms = Enumerable.Range(1, 1 + AtOnce).Select(i => new Random(options.Seed + i)).ToArray();
        for (var afterFaults = false; !end.IsCompleted; afterFaults = true)
        {
            if (began + options.Duration.TotalSeconds - History.Now > QuietWindow.Length.TotalSeconds)
            {
                await quiet.OneAsync(randoms[0], afterFaults);
            }

            var pause = Task.WhenAny(end, Task.Delay(Busy, cancel));
            await Task.WhenAll(
            [
                RepeatAsync(randoms[0], pauseMax: 15, pause, lighthouse.OneAsync, cancel),
                .. Enumerable.Range(0, AtOnce).Select(i => RepeatAsync(randoms[1 + i], pauseMax: 5, pause, NodeFaultOf(i), cancel)),
            ]);
        }
    }

    private Func<Random, Task> NodeFaultOf(int share)
    {
        var mine = pool.Nodes.Where((_, index) => index % AtOnce == share).ToList(); // so no node has two at once
        return random => nodes.OneAsync(mine[random.Next(mine.Count)], random);
    }

    private static async Task RepeatAsync(Random random, double pauseMax, Task end, Func<Random, Task> fault, CancellationToken cancel)
    {
        while (true)
        {
            await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * pauseMax), cancel), end);
            if (end.IsCompleted)
            {
                return;
            }

            await fault(random);
        }
    }
}
