namespace AkkaCompute.EndToEnd;

/// <summary>What a guest's task leaves, and what it sees.</summary>
public sealed class GuestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_a_task_does_to_its_work_directory_the_job_ends_and_the_directory_goes()
    {
        await using var raj = await Machine.UpAsync("raj");
        raj.Write("deep.py", "import os\nfor i in range(1500):\n    os.mkdir('ddddddddd')\n    os.chdir('ddddddddd')\nprint('deep')\n");

        (await raj.RunAsync("run", "deep.py")).Expect().Stdout.ShouldBe("deep\n"); // paths longer than the system takes
        (await raj.RunAsync("run", "--", "sh", "-c", "mkdir y; touch y/x x; chmod 0 x y/x y .")).Expect();
        (await raj.RunAsync("run", "--", "sh", "-c", "mkfifo pipe; ln -s /etc/passwd link; echo kept > file")).Expect();
        (await raj.RunAsync("run", "--", "sh", "-c", "ls -A")).Expect().Stdout.ShouldBe("");

        var last = (await raj.JobsAsync())[^2].Id;
        Directory.GetFiles(Path.Combine(raj.Work, "results", last)).Select(Path.GetFileName).ShouldBe(["file"]);
        (await raj.RunAsync("down")).Expect();
        Directory.Exists(new Protocol.Homes.Home(raj.Home).WorkFolder).ShouldBeFalse();
        await raj.UpAsync(); // and the node starts again
        (await raj.RunAsync("run", "--", "echo", "again")).Expect().Stdout.ShouldBe("again\n");
    }

    [Fact]
    public async Task Values_of_env_reach_the_task_and_no_command_line()
    {
        await using var raj = await Machine.UpAsync("raj");
        var secret = "a-secret-" + Guid.NewGuid().ToString("N"); // other tests have theirs
        using var run = raj.Start("run", "--env", "KEY=" + secret, "--env", "LD_PRELOAD=/nowhere.so", "--", "sh", "-c", "echo $KEY $LD_PRELOAD; sleep 20");
        (await run.Stdout.ReadLineAsync(Cancel)).ShouldBe(secret + " /nowhere.so");

        LinuxProcess.All().Where(p => p.Pid != run.Id).ShouldAllBe(p => !p.Arguments.Any(a => a.Contains(secret)));

        // What would steer the sandbox's own loader, outside of it, is set only inside.
        LinuxProcess.All().Where(p => p.Arguments is [var program, ..] && Path.GetFileName(program) == "bwrap")
            .ShouldAllBe(p => !p.Environment.Any(v => v.StartsWith("LD_PRELOAD")));
        run.Signal(Signals.Interrupt);
        (await run.EndAsync("", Cancel)).Expect(130);
    }

    [Fact]
    public async Task A_sandboxed_task_sees_no_home_no_sockets_of_the_system_and_no_network()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/bwrap"), "bubblewrap is not installed (eng/test installs it)");
        await using var raj = await Machine.UpAsync("raj");
        (await raj.PeersAsync()).Single().Sandbox.ShouldBe("bubblewrap");

        var run = await raj.RunAsync("run", "--", "sh", "-c", "ls -A /root /run /home 2>&1 | grep -v :; tail -n +3 /proc/net/dev | cut -d: -f1; touch /usr/x 2>&1 | grep -o Read-only");

        run.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()).ShouldBe(["lo", "Read-only"]);
    }
}
