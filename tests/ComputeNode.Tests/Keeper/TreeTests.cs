using System.Diagnostics;
using AkkaCompute.ComputeNode.Keeper;

namespace AkkaCompute.ComputeNode.Tests.Keeper;

/// <summary>Nothing of a task outlives it.</summary>
public sealed class TreeTests
{
    /// <summary>A number of seconds to sleep that no other process sleeps, so that it can be looked for.</summary>
    private readonly string seconds = (100_000 + Random.Shared.Next(800_000_000)).ToString();

    public TreeTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");

    public static TheoryData<string> Escapes =>
    [
        "sleep S &",
        "sleep S & sleep S & (sleep S & sleep S) &",
        "setsid sleep S &",
        "setsid -f sleep S",
        "(setsid sh -c 'setsid sleep S & sleep S' &) &",
        "env -i setsid -f sleep S",
        "nohup sleep S > /dev/null 2>&1 &",
        "trap '' TERM HUP INT; sleep S &",
    ];

    [Theory]
    [MemberData(nameof(Escapes))]
    public async Task The_end_of_its_first_process_ends_the_tree(string escape)
    {
        await using var keeper = new KeeperUnderTest();
        var kept = await keeper.RunAsync($"{escape.Replace("S", seconds)}\n{AwaitSleep()}; echo done; exit 3");
        (await kept.Exit).Code.ShouldBe(3);
        kept.Stdout.ShouldBe("done\n");
        Eventually.Running(seconds).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public async Task A_kill_ends_the_tree(string escape)
    {
        await using var keeper = new KeeperUnderTest();
        var kept = keeper.Spawn(KeeperUnderTest.Shell($"{escape.Replace("S", seconds)}\n{AwaitSleep()}; echo up; sleep {seconds}"));
        await kept.Written;
        kept.Program.Kill();
        (await kept.Exit).End.ShouldBe(KeptEnd.Signalled);
        Eventually.Running(seconds).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_kill_leaves_other_tasks_and_their_orphans_alone()
    {
        await using var keeper = new KeeperUnderTest();
        var other = keeper.Spawn(KeeperUnderTest.Shell($"setsid -f sleep {seconds}; {AwaitSleep()}; echo up; sleep {seconds}"));
        await other.Written;
        await keeper.RunAsync("setsid -f sleep 77; exit 0");
        var killed = keeper.Spawn(KeeperUnderTest.Shell("echo up; setsid sleep 78"));
        await killed.Written;
        killed.Program.Kill();
        await killed.Exit;

        Eventually.Running(seconds).ShouldNotBeEmpty();
        other.Program.Kill();
        await other.Exit;
        Eventually.Running(seconds).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public async Task When_the_node_dies_everything_is_gone_within_a_second(string escape)
    {
        using var keeper = Process.Start(new ProcessStartInfo(KeeperUnderTest.Command.File, [.. KeeperUnderTest.Command.Args, "keeper"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { [KeeperProcess.NonceVariable] = "test" },
        })!;
        var script = $"{escape.Replace("S", seconds)}\n{AwaitSleep()}; echo up; sleep {seconds}";
        await keeper.StandardInput.BaseStream.WriteAsync(KeeperFrames.Spawn(1, KeeperUnderTest.Shell(script)), TestContext.Current.CancellationToken);
        await keeper.StandardInput.BaseStream.FlushAsync(TestContext.Current.CancellationToken);
        await Eventually.Holds(() => Eventually.Running(seconds).Count > 1);

        keeper.StandardInput.Close(); // as the system does for a node that is killed
        var watch = Stopwatch.StartNew();
        await keeper.WaitForExitAsync(TestContext.Current.CancellationToken);

        Eventually.Running(seconds).ShouldBeEmpty();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        keeper.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task When_the_keeper_dies_its_tasks_are_lost_and_another_takes_over()
    {
        await using var keeper = new KeeperUnderTest();
        var first = keeper.Client.ProcessId;
        var kept = keeper.Spawn(KeeperUnderTest.Shell($"setsid -f sleep {seconds}; {AwaitSleep()}; echo up; sleep {seconds}"));
        await kept.Written;
        Process.GetProcessById(first).Kill();

        (await kept.Exit).End.ShouldBe(KeptEnd.KeeperLost);
        await Eventually.Holds(() => keeper.Client.ProcessId is > 0 and var now && now != first);
        Eventually.Running(seconds).ShouldBeEmpty();
        (await (await keeper.RunAsync("exit 5")).Exit).Code.ShouldBe(5);
        keeper.Log.ShouldContain(l => l.Contains("keeper died"));
    }

    [Fact]
    public async Task A_background_child_that_keeps_the_pipe_does_not_delay_the_end()
    {
        await using var keeper = new KeeperUnderTest();
        var watch = Stopwatch.StartNew();
        var kept = await keeper.RunAsync($"sleep {seconds} & echo hello");
        kept.Stdout.ShouldBe("hello\n");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    /// <summary>Shell that waits until the sleeper runs: else a test could pass because it never started.</summary>
    private string AwaitSleep() => $"until cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -qx '[{seconds[0]}]{seconds[1..]}'; do :; done";
}
