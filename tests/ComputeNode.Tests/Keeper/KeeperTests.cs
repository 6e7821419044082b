using AkkaCompute.ComputeNode.Keeper;

namespace AkkaCompute.ComputeNode.Tests.Keeper;

public sealed class KeeperTests
{
    public KeeperTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");

    [Fact]
    public async Task Streams_stay_apart_and_the_exit_code_is_told()
    {
        await using var keeper = new KeeperUnderTest();
        var kept = await keeper.RunAsync("echo out; echo err >&2; exit 7");

        kept.Stdout.ShouldBe("out\n");
        kept.Stderr.ShouldBe("err\n");
        var exit = await kept.Exit;
        (exit.End, exit.Code).ShouldBe((KeptEnd.Exited, 7));
        exit.WallMs.ShouldBeGreaterThan(0);
        (await kept.Program.Started).ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task A_signal_is_told_as_one()
    {
        await using var keeper = new KeeperUnderTest();
        var exit = await (await keeper.RunAsync("kill -TERM $$")).Exit;
        (exit.End, exit.Code).ShouldBe((KeptEnd.Signalled, 15));
    }

    [Fact]
    public async Task What_cannot_start_says_why()
    {
        await using var keeper = new KeeperUnderTest();
        (await keeper.Spawn(KeeperUnderTest.Request("/no/such/file")).Exit).ShouldBe(new KeptExit(KeptEnd.SpawnFailed, Libc.NoEntry));
        (await keeper.Spawn(KeeperUnderTest.Request("/etc/passwd")).Exit).ShouldBe(new KeptExit(KeptEnd.SpawnFailed, 13));
        var noFolder = KeeperUnderTest.Shell("true") with { Folder = "/no/such/folder" };
        (await keeper.Spawn(noFolder).Exit).ShouldBe(new KeptExit(KeptEnd.SpawnFailed, Libc.NoEntry));
        Should.Throw<FormatException>(() => keeper.Spawn(KeeperUnderTest.Request("/bin/echo", new string('a', 5_000_000))));
    }

    [Fact]
    public async Task Environment_folder_and_empty_input_are_as_asked()
    {
        await using var keeper = new KeeperUnderTest();
        var kept = keeper.Spawn(KeeperUnderTest.Shell("pwd; cat; echo \"$GREETING\"; env | wc -l") with
        {
            Environment = ["GREETING=grüß dich\nzweite"],
            Folder = "/usr",
        });
        (await kept.Exit).Code.ShouldBe(0);
        kept.Stdout.ShouldStartWith("/usr\ngrüß dich\nzweite\n");
    }

    [Fact]
    public async Task Programs_inherit_no_descriptor_and_no_ignored_signal()
    {
        await using var keeper = new KeeperUnderTest();
        var kept = await keeper.RunAsync("ls /proc/self/fd | tr '\\n' ' '; grep -E 'SigIgn|SigBlk' /proc/self/status");
        kept.Stdout.ShouldStartWith("0 1 2 3 Sig"); // 3 is the folder that ls reads
        kept.Stdout.ShouldContain("SigBlk:\t0000000000000000");
        kept.Stdout.ShouldMatch("SigIgn:\t[0-9a-f]{8}[08]0000000"); // the C library keeps 32 and 33 for itself
    }

    [Fact]
    public async Task A_piped_input_is_passed_on_and_closed()
    {
        await using var keeper = new KeeperUnderTest();
        var kept = keeper.Spawn(KeeperUnderTest.Shell("wc -c") with { StdinPiped = true });
        var megabyte = new byte[1024 * 1024];
        kept.Program.Write(megabyte);
        kept.Program.Write(megabyte, end: true);
        await kept.Exit;
        kept.Stdout.Trim().ShouldBe((2 * megabyte.Length).ToString());
    }

    [Fact]
    public async Task All_output_comes_before_the_end_and_none_is_lost()
    {
        await using var keeper = new KeeperUnderTest();
        var kept = await keeper.RunAsync("head -c 20000000 /dev/zero; head -c 3000000 /dev/zero >&2");
        kept.Bytes(1).Length.ShouldBe(20_000_000);
        kept.Bytes(2).Length.ShouldBe(3_000_000);
    }

    [Fact]
    public async Task Commands_are_taken_while_output_is_stuck()
    {
        // given a node that does not read, when a program floods it, then a kill is still obeyed
        await using var keeper = new KeeperUnderTest();
        var stuck = new TaskCompletionSource();
        var flooding = new TaskCompletionSource();
        var flood = keeper.Client.Spawn(KeeperUnderTest.Shell("exec cat /dev/zero"), (_, _) =>
        {
            flooding.TrySetResult();
            stuck.Task.Wait(TestContext.Current.CancellationToken);
        });
        await flooding.Task;
        var pid = await flood.Started;
        flood.Kill();
        await Eventually.Holds(() => !Eventually.IsAlive(pid));
        stuck.SetResult();
        (await flood.Ended).ShouldSatisfyAllConditions(e => e.End.ShouldBe(KeptEnd.Signalled), e => e.Code.ShouldBe(9));
    }

    [Fact]
    public async Task Many_programs_at_once_all_end()
    {
        await using var keeper = new KeeperUnderTest();
        var all = Enumerable.Range(0, 300).Select(i => keeper.Spawn(KeeperUnderTest.Shell($"echo {i}; exit {i % 100}"))).ToList();
        for (var i = 0; i < all.Count; i++)
        {
            (await all[i].Exit).Code.ShouldBe(i % 100);
            all[i].Stdout.ShouldBe($"{i}\n");
        }
    }
}
