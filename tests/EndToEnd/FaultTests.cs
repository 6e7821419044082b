using System.Diagnostics;

namespace AkkaCompute.EndToEnd;

/// <summary>Processes die; jobs don't.</summary>
[Collection(OneAtATime.Name)]
public sealed class FaultTests
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
    public async Task An_acknowledged_submit_survives_the_death_of_the_Lighthouse()
    {
        await using var raj = await Machine.UpAsync("raj");
        var id = (await raj.RunAsync("run", "--detach", "--", "sh", "-c", "sleep 1; echo lived")).Expect().Stdout.Trim();
        Signals.Send(raj.Pid("lighthouse"), Signals.Kill);
        (await raj.RunAsync("ps")).Expect(3);

        (await raj.RunAsync("up", "--name", "raj", "--user", "raj", "--port", "0", "--json")).Expect();

        await raj.JobsWhenAsync(j => j.Any(x => x.Id == id && x.State == "succeeded"), TimeSpan.FromSeconds(30));
        (await raj.RunAsync("logs", id)).Expect().Stdout.ShouldBe("lived\n");
    }

    [Fact]
    public async Task A_run_in_progress_survives_a_restart_of_the_Lighthouse_and_its_task_runs_once()
    {
        await using var raj = await Machine.UpAsync("raj");
        using var run = raj.Start("run", "--", "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do echo $i $AKC_ATTEMPT; sleep 1; done");
        (await run.Stdout.ReadLineAsync(Cancel)).ShouldBe("1 1");
        Signals.Send(raj.Pid("lighthouse"), Signals.Kill);

        (await raj.RunAsync("up", "--name", "raj", "--user", "raj", "--port", "0", "--json")).Expect();

        var rest = await run.Stdout.ReadToEndAsync(Cancel);
        (await run.EndAsync(rest, Cancel)).Expect(0).Stdout.ShouldBe("2 1\n3 1\n4 1\n5 1\n6 1\n7 1\n8 1\n");
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

    [Fact]
    public async Task In_the_foreground_it_stays_and_goes_down_at_SIGTERM()
    {
        await using var raj = new Machine("raj");
        using var up = raj.Start("up", "--name", "raj", "--user", "raj", "--port", "0", "--cores", "1", "--foreground");
        (await up.Stdout.ReadLineAsync(Cancel))!.ShouldStartWith("pool raj is up");
        await raj.PeersWhenAsync(p => p.Any(n => n.Status == "idle"), TimeSpan.FromSeconds(5));

        up.Signal(Signals.Terminate);

        (await up.EndAsync(await up.Stdout.ReadToEndAsync(Cancel), Cancel)).Expect();
        LinuxProcess.All().ShouldNotContain(p => p.Environment.Contains("AKC_HOME=" + raj.Home));
    }

    [Fact]
    public async Task A_pool_comes_back_at_the_port_that_its_friends_know()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        var port = raj.Url.Port;
        (await raj.RunAsync("down")).Expect();

        var up = (await raj.RunAsync("up", "--no-node", "--json")).Expect();

        new Uri(System.Text.Json.JsonDocument.Parse(up.Stdout).RootElement.GetProperty("urls")[0].GetString()!).Port.ShouldBe(port);
    }
}
