using System.Security.Cryptography;

namespace AkkaCompute.EndToEnd.Chaos;

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

/// <summary>Links that lose much of what is sent.</summary>
public sealed class LossyLinkTests
{
    [Fact]
    public async Task With_three_of_ten_packets_lost_jobs_still_end_and_nothing_is_lost()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        foreach (var node in pool.Nodes)
        {
            node.Host.Lose(percent: 30);
        }

        await pool.SubmitAsync(new TaskScript(Lines: 20, Pause: 0.1, Padding: 100, ResultBytes: 6000, InputBytes: 6000), tasks: 4);
        await pool.SubmitAsync(new TaskScript(Lines: 60, Pause: 0, Padding: 100), tasks: 4);
        (await pool.EndedAsync(withinSeconds: 90)).ShouldBeTrue("jobs end while packets are lost");
        foreach (var node in pool.Nodes)
        {
            node.Host.Heal();
        }

        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 10);
    }
}
