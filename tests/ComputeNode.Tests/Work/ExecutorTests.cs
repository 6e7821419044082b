using AkkaCompute.ComputeNode.Tests.Keeper;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.ComputeNode.Tests.Work.ExecutorUnderTest;

namespace AkkaCompute.ComputeNode.Tests.Work;

/// <summary>Real commands under the real keeper, in the sandbox and without it.</summary>
public sealed class ExecutorTests
{
    /// <summary>A number of seconds to sleep that no other process sleeps, so that it can be looked for.</summary>
    private readonly string seconds = (100_000 + Random.Shared.Next(800_000_000)).ToString();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Output_and_exit_code_come_back_and_the_process_was_measured(bool sandboxed)
    {
        await using var executor = await StartAsync(sandboxed);
        var ran = await executor.RunAsync(Shell("echo out; echo err >&2; exit 7"));

        (ran.Outcome.Cause, ran.Outcome.ExitCode, ran.Outcome.Detail).ShouldBe((EndCause.Exited, 7, null));
        (ran.Stdout, ran.Stderr).ShouldBe(("out\n", "err\n"));
        ran.Produced.ShouldSatisfyAllConditions(p => p.OutputBytes.ShouldBe(8), p => p.ResultsDigest.ShouldBeNull());
        ran.Outcome.WallMs.ShouldBeGreaterThan(0);
        ran.WasStarted.ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_signal_is_told_by_its_code(bool sandboxed)
    {
        await using var executor = await StartAsync(sandboxed);
        var outcome = (await executor.RunAsync(Shell("kill -TERM $$"))).Outcome;
        outcome.ExitCode.ShouldBe(143);
        outcome.Cause.ShouldBe(sandboxed ? EndCause.Exited : EndCause.Signalled); // bwrap tells only the code
    }

    [Fact]
    public async Task A_task_of_an_array_has_its_number_in_its_command_and_one_of_a_run_has_not()
    {
        await using var executor = await StartAsync(sandboxed: false);

        (await executor.RunAsync(Command("echo", "{#}", "{}") with { IsNumbered = true })).Stdout.ShouldBe("1 {}\n");
        (await executor.RunAsync(Command("echo", "{#}"))).Stdout.ShouldBe("{#}\n");
    }

    [Fact]
    public async Task A_task_that_prints_nothing_for_too_long_is_ended_and_one_that_goes_on_printing_is_not()
    {
        await using var executor = await StartAsync(sandboxed: false);
        var silent = await executor.RunAsync(Shell("echo begun; sleep 600") with { StallSeconds = 0.5 });
        (silent.Outcome.Cause, silent.Outcome.ExitCode, silent.Outcome.Detail).ShouldBe((EndCause.Stalled, 124, "no output for 0.5 s"));
        silent.Stdout.ShouldBe("begun\n");

        // Longer than the limit in all, and never as long without a word.
        var busy = await executor.RunAsync(Shell("for i in 1 2 3 4 5 6; do echo $i >&2; sleep 0.5; done") with { StallSeconds = 2 });
        busy.Outcome.Succeeded.ShouldBeTrue(busy.Outcome.ToString());
    }

    [Theory]
    [InlineData(true, EndCause.Timeout, 124)]
    [InlineData(false, EndCause.Timeout, 124)]
    [InlineData(false, EndCause.Cancelled, 130)]
    public async Task What_is_killed_ends_with_the_cause_and_nothing_of_it_runs_on(bool sandboxed, EndCause cause, int code)
    {
        await using var executor = await StartAsync(sandboxed);
        var attempt = executor.Start(Shell($"echo begun; setsid sleep {seconds} & sleep {seconds}"));
        await Eventually.Holds(() => Eventually.Running(seconds).Count >= 2);
        executor.Kill(attempt, cause);
        executor.Kill(attempt, EndCause.DiskFull); // the first word counts
        var ran = await executor.EndOfAsync(attempt);

        (ran.Outcome.Cause, ran.Outcome.ExitCode, ran.Stdout).ShouldBe((cause, code, "begun\n"));
        Eventually.Running(seconds).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_command_that_is_not_there_is_127_and_one_that_may_not_run_126(bool sandboxed)
    {
        await using var executor = await StartAsync(sandboxed);
        var inputs = executor.Lighthouse.KeepTree(("text", "no program"));
        foreach (var (program, code) in new[]
            {
                ("no-such-command", 127), ("./no-such-file", 127), ("/no/such/file", 127), ("./text", 126), ("/etc/passwd", 126),
                (sandboxed ? "/tmp/work/text" : executor.Folder.Write("text", ""), 126), ("../no-such-file", 127),
            })
        {
            var ran = await executor.RunAsync(Command(program) with { InputsDigest = inputs });
            (program, ran.Outcome.Cause, ran.Outcome.ExitCode).ShouldBe((program, EndCause.NotStarted, code));
            ran.Outcome.Detail!.ShouldContain(Path.GetFileName(program));
            ran.WasStarted.ShouldBeFalse();
            ran.Produced.ShouldBe(Produced.Nothing);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Inputs_are_there_results_go_back_and_the_work_directory_is_gone_in_the_end(bool sandboxed)
    {
        await using var executor = await StartAsync(sandboxed);
        var inputs = executor.Lighthouse.KeepTree(("!run.sh", "#!/bin/sh\nread line < data/in.txt\nmkdir out; echo \"$line 1\" > out/a.txt; echo log > b.log\n"), ("data/in.txt", "given"));
        var template = Command("./run.sh") with { InputsDigest = inputs };
        var all = await executor.RunAsync(template);
        var some = await executor.RunAsync(template with { OutGlobs = ["*.txt"] });

        all.Outcome.Succeeded.ShouldBeTrue();
        executor.Lighthouse.Texts(all.Produced.ResultsDigest!).ShouldBe(new Dictionary<string, string> { ["out/a.txt"] = "given 1\n", ["b.log"] = "log\n" }, ignoreOrder: true);
        executor.Lighthouse.Texts(some.Produced.ResultsDigest!).Keys.ShouldBe(["out/a.txt"]);
        executor.LeftInWorkFolders().ShouldNotBeEmpty(); // until it is forgotten
        executor.Forget(new AttemptRef(0, 1));
        executor.Forget(new AttemptRef(1, 1));
        await Eventually.Holds(() => executor.LeftInWorkFolders().Count == 0);
        Directory.EnumerateFiles(Path.Combine(executor.Home.NodeFolder, "spool")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_task_sees_the_variables_that_it_was_given_and_none_of_the_owners(bool sandboxed)
    {
        Environment.SetEnvironmentVariable("OWNERS_TOKEN", "secret");
        await using var executor = await StartAsync(sandboxed);
        var ran = await executor.RunAsync(Command("env") with { Environment = new Dictionary<string, string> { ["GREETING"] = "hi there" } });
        var lines = ran.Stdout.Split('\n');

        lines.ShouldContain("GREETING=hi there");
        lines.ShouldContain("AKC_TASK_INDEX=0");
        lines.ShouldContain("AKC_NODE=mike");
        ran.Stdout.ShouldNotContain("secret");
        lines.ShouldNotContain(l => l.StartsWith("DOTNET_") || l.StartsWith("USER=") || l.StartsWith("LOGNAME="));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_built_in_task_is_akc_itself(bool sandboxed)
    {
        await using var executor = await StartAsync(sandboxed);
        var ran = await executor.RunAsync(Command("a", "b") with { BuiltIn = "mandelbrot" });
        (ran.Outcome.ExitCode, ran.Stdout).ShouldBe((0, "mandelbrot a b\n"), ran.Stderr);
    }

    [Fact]
    public async Task A_template_that_came_by_digest_is_fetched_and_its_timeout_told()
    {
        await using var executor = await StartAsync(sandboxed: false);
        var template = Shell("echo large") with { TimeoutSeconds = 12 };
        var digest = executor.Lighthouse.Keep(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(template, ProtocolJson.Default.TaskTemplate));
        var attempt = executor.Start(null, digest);

        (await executor.NextAsync()).ShouldBe(new AttemptStarted(Job, attempt, 12));
        (await executor.EndOfAsync(attempt)).Stdout.ShouldBe("large\n");
    }

    [Fact]
    public async Task Inputs_that_cannot_be_had_are_told_as_such()
    {
        await using var executor = await StartAsync(sandboxed: false);
        var ran = await executor.RunAsync(Shell("echo never") with { InputsDigest = new string('a', 64) });
        (ran.Outcome.Cause, ran.Outcome.ExitCode, ran.Stdout).ShouldBe((EndCause.InputsFailed, 125, ""));
        ran.Outcome.Detail!.ShouldContain("no such blob");

        var notATree = await executor.RunAsync(Shell("echo never") with { InputsDigest = executor.Lighthouse.Keep("text") });
        notATree.Outcome.Cause.ShouldBe(EndCause.InputsFailed);
        (await executor.EndOfAsync(executor.Start(null, executor.Lighthouse.Keep("{")))).Outcome.Cause.ShouldBe(EndCause.InputsFailed);
    }

    [Fact]
    public async Task A_command_too_long_for_the_system_ends_like_any_that_cannot_start()
    {
        await using var executor = await StartAsync(sandboxed: false);
        foreach (var bytes in new[] { 200_000, 5_000_000 }) // more than an argument may have, more than the keeper takes
        {
            var outcome = (await executor.RunAsync(Command("true", new string('a', bytes)))).Outcome;
            (outcome.Cause, outcome.ExitCode).ShouldBe((EndCause.NotStarted, 126));
        }
    }
}
