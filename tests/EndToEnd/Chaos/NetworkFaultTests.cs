using System.Security.Cryptography;
using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>Links that are cut, one way or both, and come back.</summary>
public sealed class NetworkFaultTests
{
    /// <summary>Longer than the 7 s after which both sides give a silent link up.</summary>
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(12);

    private static readonly TaskScript Script = new(Lines: 40, Pause: 0.1, Padding: 50, ResultBytes: 1000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("cable")]
    [InlineData("interface")]
    [InlineData("out")]
    [InlineData("in")]
    public async Task A_link_that_is_cut_and_comes_back_loses_nothing(string cut)
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        var victim = pool.Node("node1");
        var array = await pool.SubmitAsync(Script, tasks: 6);
        await pool.StartedAsync(array, task: 3);

        Break(victim.Host, cut);
        await Task.Delay(Cut, Cancel);
        victim.Host.Heal();

        var after = await pool.SubmitAsync(new TaskScript(Lines: 1, Pause: 0), node: victim.Name);
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 40);
        pool.History.Of(after.Id, 0, 1).First().Node.ShouldBe(victim.Name);
    }

    private static void Break(NetworkHost host, string cut)
    {
        switch (cut)
        {
            case "cable":
                host.Unplug();
                break;
            case "interface":
                host.LinkDown();
                break;
            case "out":
                host.CutOut();
                break;
            default:
                host.CutIn();
                break;
        }
    }
}

/// <summary>Links that are bad.</summary>
public sealed class BadLinkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_that_blinks_is_no_cut()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        var job = await pool.SubmitAsync(new TaskScript(Lines: 50, Pause: 0.1), tasks: 4);
        await pool.StartedAsync(job, task: 3);
        foreach (var node in pool.Nodes)
        {
            node.Host.Unplug();
        }

        await Task.Delay(2000, Cancel);
        foreach (var node in pool.Nodes)
        {
            node.Host.Plug();
        }

        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 40, mayRunAgain: false);
    }

    [Fact]
    public async Task With_three_of_ten_packets_lost_jobs_still_end_and_nothing_is_lost()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        foreach (var node in pool.Nodes)
        {
            node.Host.Lose(percent: 30);
        }

        await pool.SubmitAsync(new TaskScript(Lines: 20, Pause: 0.1, Padding: 200, ResultBytes: 20_000, InputBytes: 20_000), tasks: 4);
        await pool.SubmitAsync(new TaskScript(Lines: 200, Pause: 0, Padding: 100), tasks: 4);
        (await pool.EndedAsync(withinSeconds: 90)).ShouldBeTrue("jobs end while packets are lost");
        foreach (var node in pool.Nodes)
        {
            node.Host.Heal();
        }

        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 10);
    }

    [Fact]
    public async Task Files_and_output_go_over_a_link_of_one_megabit()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 1);
        var node = pool.Nodes.Single();
        node.Host.Limit("1mbit");
        var input = RandomNumberGenerator.GetBytes(300_000);
        await File.WriteAllBytesAsync(Path.Combine(pool.Lighthouse.Work, "in.bin"), input, Cancel);

        using var run = pool.Lighthouse.Start(
            "run", "-f", "in.bin", "--", "sh", "-c", "awk 'BEGIN { for (i = 0; i < 20000; i++) printf \"%09d\\n\", i }'; cat in.bin in.bin > out.bin");
        var printed = await run.Stdout.ReadToEndAsync(Cancel);
        (await run.EndAsync(printed, Cancel)).Expect();

        printed.ShouldBe(string.Concat(Enumerable.Range(0, 20000).Select(i => $"{i:D9}\n")));
        var job = (await pool.Lighthouse.JobsAsync()).Single();
        (await File.ReadAllBytesAsync(Path.Combine(pool.Lighthouse.Work, "results", job.Id, "out.bin"), Cancel)).ShouldBe([.. input, .. input]);
        (await pool.Socket.TasksAsync(job.Id, Cancel)).Single().Attempt.ShouldBe(1); // slow is not gone
    }
}
