namespace AkkaCompute.EndToEnd;

/// <summary>Processes die; jobs don't.</summary>
public sealed class FaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_acknowledged_submit_survives_the_death_of_the_Lighthouse()
    {
        await using var raj = await Machine.UpAsync("raj");
        var id = (await raj.RunAsync("run", "--detach", "--", "sh", "-c", "sleep 1; echo lived")).Expect().Stdout.Trim();
        Signals.Send(raj.Pid("lighthouse"), Signals.Kill);
        (await raj.RunAsync("ps")).Expect(3);

        (await raj.RunAsync("up", "--name", "raj", "--user", "raj", "--port", "0", "--json")).Expect();

        await raj.JobsWhenAsync(j => j.Any(x => x.Id == id && x.State == "succeeded"));
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
    public async Task In_the_foreground_it_stays_and_goes_down_at_SIGTERM()
    {
        await using var raj = new Machine("raj");
        using var up = raj.Start("up", "--name", "raj", "--user", "raj", "--port", "0", "--cores", "1", "--foreground");
        (await up.Stdout.ReadLineAsync(Cancel))!.ShouldStartWith("pool raj is up");
        await raj.PeersWhenAsync(p => p.Any(n => n.Status == "idle"));

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
