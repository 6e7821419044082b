using System.Text.Json;

namespace AkkaCompute.EndToEnd;

/// <summary>Three friends, one pool, real work.</summary>
public sealed class PoolTests
{
    [Fact]
    public async Task Without_a_name_the_idle_node_is_chosen()
    {
        await using var raj = await Machine.UpAsync("raj");
        await using var mike = await raj.FriendAsync("mike");
        await raj.PeersWhenAsync(p => p.Count(n => n.Status == "idle") == 2);
        var busy = (await raj.RunAsync("run", "--detach", "-n", "raj", "--", "sleep", "30")).Expect().Stdout.Trim();
        await raj.PeersWhenAsync(p => p.Any(n => n.Name == "raj" && n.Status == "busy"));

        var run = await raj.RunAsync("run", "--", "sh", "-c", "echo $AKC_NODE");

        run.Expect().Stdout.ShouldBe("mike\n");
        (await raj.RunAsync("kill", busy)).Expect();
    }

    [Fact]
    public async Task Ten_detached_jobs_queue_and_all_finish()
    {
        await using var raj = await Machine.UpAsync("raj");
        var ids = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            var run = (await raj.RunAsync("run", "--detach", "--", "sh", "-c", "sleep 0.3; echo done")).Expect();
            run.Stdout.ShouldMatch("^[a-z0-9-]+\n$"); // the id alone
            ids.Add(run.Stdout.Trim());
        }

        ids.Distinct().Count().ShouldBe(10);
        var jobs = await raj.JobsWhenAsync(j => j.Count(x => x.State == "succeeded") == 10);
        jobs.Select(j => j.Id).ShouldBe(ids, ignoreOrder: true);
        (await raj.RunAsync("logs", ids[7])).Expect().Stdout.ShouldBe("done\n");
    }

    [Fact]
    public async Task Streams_stay_apart_and_the_exit_code_is_the_tasks()
    {
        await using var raj = await Machine.UpAsync("raj");

        var run = await raj.RunAsync("run", "--", "sh", "-c", "echo out; echo err >&2; exit 7");

        run.ExitCode.ShouldBe(7);
        run.Stdout.ShouldBe("out\n");
        run.Stderr.ShouldContain("err\n");
    }

    [Fact]
    public async Task A_signal_is_128_and_its_number()
    {
        await using var raj = await Machine.UpAsync("raj");
        (await raj.RunAsync("run", "--", "sh", "-c", "kill -TERM $$")).Expect(143);
        (await raj.RunAsync("run", "--", "sh", "-c", "kill -KILL $$")).Expect(137);
        (await raj.RunAsync("run", "--", "true")).Expect();
    }

    [Fact]
    public async Task Exit_codes_of_a_run_that_did_not_end_by_itself()
    {
        await using var raj = await Machine.UpAsync("raj");
        (await raj.RunAsync("run", "--timeout", "1s", "--", "sleep", "30")).Expect(124);
        (await raj.RunAsync("run", "--", "no-such-program-anywhere")).Expect(127);

        using var run = raj.Start("run", "--", "sh", "-c", "echo ready; sleep 60");
        (await run.Stdout.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("ready");
        run.Signal(Signals.Interrupt);
        (await run.EndAsync("", TestContext.Current.CancellationToken)).Expect(130);
        var jobs = await raj.JobsWhenAsync(j => j.All(x => x.HasEnded));
        jobs[^1].State.ShouldBe("cancelled");
    }

    [Fact]
    public async Task Whoever_reads_no_further_ends_the_job()
    {
        await using var raj = await Machine.UpAsync("raj");
        using var run = raj.Start("run", "--", "yes");
        (await run.Stdout.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("y");

        run.Stdout.Close(); // as `| head -1` does

        (await run.EndAsync("", TestContext.Current.CancellationToken)).Expect(141).Stderr.ShouldContain("is cancelled");
        (await raj.JobsAsync()).Single().State.ShouldBe("cancelled");
    }

    [Fact]
    public async Task Files_go_there_and_what_is_new_comes_back()
    {
        await using var raj = await Machine.UpAsync("raj");
        raj.Write("in/a.txt", "alpha");
        raj.Write("job.sh", "cat in/a.txt > b.txt; mkdir -p deep/er; echo beta > deep/er/c.txt; printf '%s\\n' \"$1\"");

        var run = await raj.RunAsync("run", "-f", "in/a.txt", "job.sh", "-n");

        run.Expect().Stdout.ShouldBe("-n\n"); // options after the script are the script's
        var job = (await raj.JobsAsync()).Single().Id;
        File.ReadAllText(Path.Combine(raj.Work, "results", job, "b.txt")).ShouldBe("alpha");
        File.ReadAllText(Path.Combine(raj.Work, "results", job, "deep", "er", "c.txt")).ShouldBe("beta\n");
        Directory.GetFiles(Path.Combine(raj.Work, "results", job), "*", SearchOption.AllDirectories).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Odd_names_of_result_files_come_back_or_are_told()
    {
        await using var raj = await Machine.UpAsync("raj");
        const string Odd = "echo 1 > log-20:19:25.csv; echo 2 > 'back\\slash'; echo 3 > \"$(printf 'bad\\377')\"; echo 4 > \"$(printf 'new\\nline')\"";

        var run = (await raj.RunAsync("run", "--results", "r", "--", "sh", "-c", Odd)).Expect();
        Directory.GetFiles(Path.Combine(raj.Work, "r")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["back\\slash", "log-20:19:25.csv"]);
        run.Stderr.ShouldContain("akc: 2 files are not sent back: ");
        run.Stderr.ShouldContain("new?line (a control sign is in its name)");
        run.Stderr.ShouldContain("bad\ufffd (its name is not UTF-8)");
        run.Stderr.ShouldContain("some files of the task could not be sent back");

        var combined = await raj.RunAsync("array", "2", "--out", "t:*.csv", "--combine", "ls results/0", "--", "sh", "-c", "echo 1 > t:1.csv; echo 2 > u:1.csv");
        combined.Expect().Stdout.ShouldBe("t:1.csv\n");
    }

    [Fact]
    public async Task Work_directories_and_the_home_stay_apart_and_clean()
    {
        await using var raj = await Machine.UpAsync("raj");

        var run = await raj.RunAsync("run", "--", "sh", "-c", $"ls -A; ls {raj.Home} 2>/dev/null; echo end");

        run.Expect().Stdout.ShouldBe("end\n"); // an empty work directory, and none of the home's files
    }

    [Fact]
    public async Task A_friend_finds_the_Lighthouse_by_its_beacon_and_types_one_code()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-beacon");
        var port = 20000 + (Environment.ProcessId % 20000);
        await using var beacon = new Machine("ann");
        beacon.Environment.Remove("AKC_NO_BEACON");
        beacon.Environment["AKC_BEACON_PORT"] = port.ToString();
        var up = (await beacon.RunAsync("up", "--name", "ann", "--user", "ann", "--cores", "1", "--port", "0", "--json")).Expect();
        var code = JsonDocument.Parse(up.Stdout).RootElement.GetProperty("code").GetString()!;
        await using var bob = new Machine("bob");
        bob.Environment.Remove("AKC_NO_BEACON");
        bob.Environment["AKC_BEACON_PORT"] = port.ToString();

        (await bob.RunAsync("join", code, "--name", "bob", "--user", "bob", "--cores", "1")).Expect();

        var peers = await bob.PeersWhenAsync(p => p.Count(n => n.Status == "idle") == 2);
        peers.Select(p => p.Name).ShouldBe(["ann", "bob"], ignoreOrder: true);
    }
}
