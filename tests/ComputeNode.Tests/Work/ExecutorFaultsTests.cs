using AkkaCompute.ComputeNode.Tests.Keeper;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.ComputeNode.Tests.Work.ExecutorUnderTest;

namespace AkkaCompute.ComputeNode.Tests.Work;

/// <summary>Links that drop, disks that are full, attempts that nobody wants any more.</summary>
public sealed class ExecutorFaultsTests
{
    private readonly string seconds = (100_000 + Random.Shared.Next(800_000_000)).ToString();

    [Fact]
    public async Task Much_output_comes_whole_as_segments()
    {
        await using var executor = await StartAsync(sandboxed: false);
        var ran = await executor.RunAsync(Shell("seq 1 400000; echo end >&2"));
        ran.Stdout.Length.ShouldBe(2_688_895);
        ran.Stdout.ShouldEndWith("\n400000\n");
        ran.Stderr.ShouldBe("end\n");
        ran.Produced.Segments.ShouldBeGreaterThan(40);
        ran.Produced.OutputBytes.ShouldBe(2_688_899);
    }

    [Fact]
    public async Task Output_waits_for_a_link_that_is_down_and_comes_whole()
    {
        await using var executor = await StartAsync(sandboxed: false);
        executor.LinkIsUp = false;
        var attempt = executor.Start(Shell("seq 1 1500000"));
        (await executor.NextAsync()).ShouldBeOfType<AttemptStarted>();
        var end = (await executor.NextAsync()).ShouldBeOfType<AttemptEnded>(); // its slot is free although its output is not stored
        end.Outcome.Succeeded.ShouldBeTrue();
        File.Exists(Path.Combine(executor.Home.NodeFolder, "spool", "j1-0-1.spool")).ShouldBeTrue();
        executor.LinkIsUp = true;
        executor.Lighthouse.ComesUp();

        var stored = (await executor.NextAsync()).ShouldBeOfType<AttemptStored>();
        (stored.Attempt, stored.Produced.OutputBytes, stored.Inline).ShouldBe((attempt, 10_888_896, null));
    }

    [Fact]
    public async Task Results_that_the_Lighthouse_has_no_room_for_are_no_success_and_do_not_cost_the_output()
    {
        await using var executor = await StartAsync(sandboxed: false);
        executor.Lighthouse.Full = "the Lighthouse's disk is full";
        var ran = await executor.RunAsync(Shell("echo precious; echo result > file"));

        (ran.Stdout, ran.Produced.OutputBytes, ran.Produced.ResultsDigest).ShouldBe(("precious\n", 9, null));
        (ran.Outcome.Cause, ran.Outcome.ExitCode, ran.Outcome.Detail).ShouldBe((EndCause.NotStored, 125, "the Lighthouse's disk is full"));
        executor.Log.ShouldContain(l => l.Contains("disk is full"));
    }

    [Fact]
    public async Task Output_that_the_Lighthouse_takes_no_more_of_ends_the_attempt_with_the_reason()
    {
        await using var executor = await StartAsync(sandboxed: false);
        var attempt = executor.Start(Shell($"echo a; sleep {seconds}"));
        await Eventually.Holds(() => Eventually.Running(seconds).Count > 0);
        executor.RefuseOutput(attempt, EndCause.OutputLimit, "more than 10 GiB");
        var outcome = (await executor.EndOfAsync(attempt)).Outcome;
        (outcome.Cause, outcome.ExitCode, outcome.Detail).ShouldBe((EndCause.OutputLimit, 137, "more than 10 GiB"));
    }

    [Fact]
    public async Task What_is_left_out_of_the_results_is_named()
    {
        await using var executor = await StartAsync(sandboxed: false);
        var ran = await executor.RunAsync(Shell("ln -s /etc/passwd link; mkfifo pipe; echo a > file"));
        executor.Lighthouse.Texts(ran.Produced.ResultsDigest!).Keys.ShouldBe(["file"]);
        ran.Outcome.Succeeded.ShouldBeTrue();
        ran.Outcome.Detail!.ShouldContain("link");
        ran.Outcome.Detail!.ShouldContain("pipe");
        ran.Stderr.ShouldStartWith("akc: 2 files are not sent back: ");
        (await executor.RunAsync(Shell("ln -s /etc/passwd link; printf 'half a line' >&2"))).Stderr.ShouldBe("half a line\nakc: 1 file is not sent back: link (a link)\n");
    }

    [Fact]
    public async Task A_work_directory_that_its_task_closed_or_took_away_ends_like_any_other()
    {
        await using var executor = await StartAsync(sandboxed: false);
        (await executor.RunAsync(Shell("echo a > file; chmod 000 file .; echo closed"))).ShouldSatisfyAllConditions(
            r => r.Outcome.Succeeded.ShouldBeTrue(),
            r => executor.Lighthouse.Texts(r.Produced.ResultsDigest!).ShouldHaveSingleItem().ShouldBe(new("file", "a\n")));
        (await executor.RunAsync(Shell("rm -r \"$PWD\"; echo gone"))).ShouldSatisfyAllConditions(
            r => r.Outcome.Succeeded.ShouldBeTrue(), r => r.Stdout.ShouldBe("gone\n"), r => r.Produced.ResultsDigest.ShouldBeNull());
        executor.Forget(new AttemptRef(0, 1));
        executor.Forget(new AttemptRef(1, 1));
        (await executor.RunAsync(Shell("ls -A"))).Stdout.ShouldBe("");
    }

    [Fact]
    public async Task A_repeated_start_runs_nothing_twice()
    {
        await using var executor = await StartAsync(sandboxed: false);
        var template = Shell($"echo once >> '{executor.Folder["runs"]}'; read line < '{executor.Folder.Write("go", "go")}'");
        var attempt = executor.Start(template);
        executor.StartAgain(attempt, template);
        await executor.EndOfAsync(attempt);
        executor.StartAgain(attempt, template); // its result is not acknowledged: it is still here
        await executor.RunAsync(Shell("true"));
        File.ReadAllText(executor.Folder["runs"]).ShouldBe("once\n");
    }

    [Fact]
    public async Task A_kill_while_inputs_are_fetched_starts_nothing()
    {
        await using var executor = await StartAsync(sandboxed: false);
        executor.Lighthouse.Gate = new TaskCompletionSource().Task;
        var attempt = executor.Start(Shell("echo never") with { InputsDigest = executor.Lighthouse.KeepTree(("a", "a")) });
        await Eventually.Holds(() => executor.Lighthouse.Downloads > 0);
        executor.Kill(attempt, EndCause.Cancelled);
        var ran = await executor.EndOfAsync(attempt);
        (ran.Outcome.Cause, ran.Stdout, ran.WasStarted).ShouldBe((EndCause.Cancelled, "", false));
    }

    [Fact]
    public async Task What_is_forgotten_stops_at_once_and_leaves_nothing()
    {
        await using var executor = await StartAsync(sandboxed: false);
        var running = executor.Start(Shell($"echo a > file; sleep {seconds}"));
        executor.Lighthouse.Gate = new TaskCompletionSource().Task;
        var fetching = executor.Start(Shell("true") with { InputsDigest = executor.Lighthouse.KeepTree(("a", "a")) });
        await Eventually.Holds(() => Eventually.Running(seconds).Count > 0 && executor.Lighthouse.Downloads > 0);
        executor.Forget(running);
        executor.Forget(fetching);
        executor.Forget(fetching);

        await Eventually.Holds(() => Eventually.Running(seconds).Count == 0 && executor.LeftInWorkFolders().Count == 0);
        executor.Log.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_end_of_the_executor_ends_what_runs_and_removes_all_directories()
    {
        await using var executor = await StartAsync(sandboxed: false);
        executor.Start(Shell($"echo a > file; setsid sleep {seconds} & sleep {seconds}"));
        await Eventually.Holds(() => Eventually.Running(seconds).Count >= 2);
        await executor.EndAsync();

        Eventually.Running(seconds).ShouldBeEmpty();
        Directory.Exists(executor.Home.WorkFolder).ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(Path.Combine(executor.Home.NodeFolder, "spool")).ShouldBeEmpty();
    }
}
