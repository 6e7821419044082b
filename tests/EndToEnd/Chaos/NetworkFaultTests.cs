using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>Links that are cut, one way or both, and come back.</summary>
public sealed class NetworkFaultTests
{
    /// <summary>Longer than the 7 s after which both sides give a silent link up.</summary>
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(12);

    private static readonly Action<NetworkHost>[] Cuts = [h => h.Unplug(), h => h.LinkDown(), h => h.CutOut(), h => h.CutIn()];

    private static readonly TaskScript Script = new(Lines: 40, Pause: 0.1, Padding: 50, ResultBytes: 1000);

    [Fact]
    public async Task Links_that_are_cut_in_each_way_and_come_back_lose_nothing()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: Cuts.Length + 1); // one is well
        var victims = pool.Nodes[..Cuts.Length];
        var array = await pool.SubmitAsync(Script, tasks: 14);
        await pool.WhenAsync(h => victims.All(v => h.Starts.Any(m => m.Node == v.Name)) ? h : null, 30, "each has something to lose");

        foreach (var (victim, cut) in victims.Zip(Cuts))
        {
            cut(victim.Host);
        }

        await Task.Delay(Cut, TestContext.Current.CancellationToken);
        foreach (var victim in victims)
        {
            victim.Host.Heal();
        }

        var after = new List<AcknowledgedJob>();
        foreach (var victim in victims)
        {
            after.Add(await pool.SubmitAsync(new TaskScript(Lines: 1, Pause: 0), node: victim.Name));
        }

        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 40);
        after.Select(job => pool.History.Of(job.Id, 0, 1).First().Node).ShouldBe(victims.Select(v => v.Name));
        array.TaskCount.ShouldBeLessThan(pool.History.Starts.Count(m => m.Job == array.Id)); // or nothing was cut
    }
}
