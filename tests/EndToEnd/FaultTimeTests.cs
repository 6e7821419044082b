using System.Diagnostics;

namespace AkkaCompute.EndToEnd;

/// <summary>How soon what dies or goes down is gone: the promised times.</summary>
[Collection(OneAtATime.Name)]
public sealed class FaultTimeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_survives_the_death_of_its_node_and_no_task_process_outlives_it()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        await using var mike = await raj.FriendAsync("mike");
        await using var sara = await raj.FriendAsync("sara");
        await raj.PeersWhenAsync(p => p.Count(n => n.Status == "idle") == 2, TimeSpan.FromSeconds(5));
        var mark = "3" + Random.Shared.Next(100000, 999999); // a sleep that only this test starts
        using var run = raj.Start("run", "--", "sh", "-c", $"echo on $AKC_NODE; (setsid sleep {mark} &); sleep 4; echo end");
        var first = (await run.Stdout.ReadLineAsync(Cancel))!;
        var (victim, other) = first == "on mike" ? (mike, "sara") : (sara, "mike");
        LinuxProcess.All().Any(p => p.Arguments.Contains(mark)).ShouldBeTrue();
        var node = victim.Pid("node");

        var watch = Stopwatch.StartNew();
        Signals.Send(node, Signals.Kill);
        var left = LinuxProcess.All().Where(p => p.Arguments.Contains(mark)).Select(p => p.Pid).ToList();
        while (left.Any(LinuxProcess.IsAlive) && watch.Elapsed < TimeSpan.FromSeconds(3))
        {
        }

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        var second = await run.Stdout.ReadLineAsync(Cancel);
        second.ShouldBe("on " + other);
        var result = await run.EndAsync(await run.Stdout.ReadToEndAsync(Cancel), Cancel);
        result.Expect(0).Stdout.ShouldBe("end\n");
        result.Stderr.ShouldContain(other); // says that the attempt was replaced, and where it runs now
    }

    [Fact]
    public async Task Down_hands_back_what_runs_within_three_seconds_and_it_finishes_elsewhere()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        await using var mike = await raj.FriendAsync("mike");
        var id = (await raj.RunAsync("run", "--detach", "--", "sh", "-c", "sleep 2; echo $AKC_NODE")).Expect().Stdout.Trim();
        await raj.JobsWhenAsync(j => j.Any(x => x.Id == id && x.State == "running"), TimeSpan.FromSeconds(5));

        var watch = Stopwatch.StartNew();
        (await mike.RunAsync("down")).Expect();

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(3.5)); // 3 s, and the start of akc itself
        await using var sara = await raj.FriendAsync("sara");
        await raj.JobsWhenAsync(j => j.Any(x => x.Id == id && x.State == "succeeded"), TimeSpan.FromSeconds(15));
        (await raj.RunAsync("logs", id)).Expect().Stdout.ShouldBe("sara\n");
    }

    [Fact]
    public async Task Down_ends_what_does_not_answer_and_never_asks_twice()
    {
        await using var raj = await Machine.UpAsync("raj");
        (await raj.RunAsync("run", "--detach", "--", "sleep", "60")).Expect();
        await raj.JobsWhenAsync(j => j.Any(x => x.State == "running"), TimeSpan.FromSeconds(5));
        var (lighthouse, node) = (raj.Pid("lighthouse"), raj.Pid("node"));
        Signals.Send(lighthouse, Signals.Stop);
        Signals.Send(node, Signals.Stop);

        var watch = Stopwatch.StartNew();
        (await raj.RunAsync("down")).Expect().Stdout.ShouldContain("the node and the Lighthouse are down");

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(4)); // 3 s, and the start of akc itself on a busy machine
        new[] { lighthouse, node }.ShouldAllBe(pid => !LinuxProcess.IsAlive(pid));
    }
}
