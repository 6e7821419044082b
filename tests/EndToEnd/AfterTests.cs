namespace AkkaCompute.EndToEnd;

/// <summary><c>--after</c>: one job behind another.</summary>
public sealed class AfterTests
{
    [Fact]
    public async Task A_job_waits_for_another_says_so_and_begins_over_a_restart_of_the_Lighthouse()
    {
        await using var raj = await Machine.UpAsync("raj", "--sandbox", "plain", "--trust-guests"); // a task reads a file of the computer
        var door = Path.Combine(raj.Home, "open");
        var first = (await raj.RunAsync(
            "array", "3", "--detach", "--env", $"DOOR={door}", "--", "sh", "-c",
            "while [ $AKC_TASK_INDEX = 2 ] && [ ! -e $DOOR ]; do sleep 0.1; done; echo first $AKC_TASK_INDEX")).Expect().Stdout.Trim();

        var submit = (await raj.RunAsync("run", "--detach", "--after", first, "--", "echo", "second")).Expect();

        var second = submit.Stdout.Trim();
        submit.Stderr.ShouldContain($"job {second} waits: for job {first} (");
        await raj.JobsWhenAsync(jobs => jobs.Single(job => job.Id == first) is { Succeeded: 2, Running: 1 });
        (await raj.RunAsync("why", second)).Expect().Stdout.ShouldBe($"job {second} waits: for job {first} (running, 2 of 3 done)\n");
        (await raj.JobsAsync()).Single(job => job.Id == second).After.ShouldBe([first]);
        (await raj.RunAsync("down")).Expect();
        await raj.UpAsync();
        await raj.JobsWhenAsync(jobs => jobs.Single(job => job.Id == first) is { Succeeded: 2, Running: 1 });
        (await raj.RunAsync("why", second)).Expect().Stdout.ShouldBe($"job {second} waits: for job {first} (running, 2 of 3 done)\n");

        File.WriteAllText(door, "");

        (await raj.RunAsync("logs", second, "-f")).Expect().Stdout.ShouldBe("second\n");
        (await raj.RunAsync("logs", first)).Expect().Stdout.ShouldBe("first 0\nfirst 1\nfirst 2\n");
        (await raj.RunAsync("why", second)).Expect().Stdout.ShouldStartWith($"job {second} does not wait: succeeded");
        (await raj.RunAsync("journal", "check")).Expect();
    }

    [Fact]
    public async Task A_job_whose_predecessor_failed_ends_with_that_reason_and_both_can_be_retried()
    {
        await using var raj = await Machine.UpAsync("raj", "--sandbox", "plain", "--trust-guests");
        var cure = Path.Combine(raj.Home, "cured");
        var first = (await raj.RunAsync("run", "--detach", "--env", $"CURE={cure}", "--", "sh", "-c", "test -e $CURE")).Expect().Stdout.Trim();

        var second = await raj.RunAsync("run", "--after", first, "--", "echo", "done");

        second.Expect(1).Stderr.ShouldContain($"was cancelled: it was to run after job {first}, which failed (exited with 1)");
        var id = (await raj.JobsAsync()).Single(job => job.Id != first).Id;
        File.WriteAllText(cure, "");
        (await raj.RunAsync("retry", first)).Expect();
        (await raj.RunAsync("retry", id)).Expect();
        (await raj.RunAsync("logs", id, "-f")).Expect().Stdout.ShouldBe("done\n");
    }

    [Fact]
    public async Task A_job_that_there_is_not_is_refused_before_anything_is_submitted()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        (await raj.RunAsync("run", "--after", "nobody", "--", "true")).ExpectError(125, "there is no job nobody: 'akc ps --all' lists them");
        (await raj.JobsAsync()).ShouldBeEmpty();
    }
}
