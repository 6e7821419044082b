using System.Text.Json;
using AkkaCompute.Protocol;

namespace AkkaCompute.EndToEnd;

/// <summary><c>akc why</c>, and what a submit says of a job that waits.</summary>
public sealed class WhyTests
{
    [Fact]
    public async Task Nodes_that_are_away_are_known_over_a_restart_of_the_Lighthouse()
    {
        await using var raj = await Machine.UpAsync("raj");
        await using var mike = await raj.FriendAsync("mike");
        (await mike.RunAsync("down")).Expect();
        (await raj.RunAsync("down")).Expect();
        await raj.UpAsync("--no-node");

        (await raj.PeersAsync()).Select(n => (n.Name, n.Owner, n.Status, n.Cores)).ShouldBe([("mike", "mike", "offline", 2), ("raj", "raj", "offline", 2)]);
        var named = await raj.RunAsync("run", "--detach", "--on", "mike", "--", "true");
        named.Expect().Stderr.ShouldContain("waits: mike could run it and is offline, last seen ");
        var any = await raj.RunAsync("run", "--detach", "--", "true");
        any.Expect().Stderr.ShouldContain("waits: 2 nodes have joined, none is connected now: mike, raj");
        (await raj.RunAsync("why", any.Stdout.Trim())).Expect().Stdout.ShouldContain("  mike: offline, last seen ");
    }

    [Theory]
    [InlineData("nobody has julia (would help: install julia on raj)", "--need", "julia")]
    [InlineData("no node is large enough: raj has 2 cores lent of 999 cores asked (would help: ask 2 cores and it starts on raj now)", "--cores", "999")]
    [InlineData("no node named nobody; nodes: raj (would help: without --on nobody it starts on raj now)", "--on", "nobody")]
    [InlineData("no node is large enough: raj has ", "--memory", "1TiB")]
    public async Task What_no_node_can_run_is_told_at_submit(string reason, params string[] options)
    {
        await using var raj = await Machine.UpAsync("raj");
        foreach (string[] command in new string[][]
        {
            ["run", "--detach", .. options, "--", "true"],
            ["array", "--detach", .. options, "2", "--", "true"],
            ["map", "--detach", .. options, "--range", "1..10", "--", "echo", "{start}"],
        })
        {
            var submit = (await raj.RunAsync(command)).Expect();
            submit.Stderr.ShouldStartWith($"→ job {submit.Stdout.Trim()} waits: {reason}");
            submit.Stderr.ShouldContain("(would help: ");
            submit.Stderr.Trim().ShouldNotContain('\n');
        }
    }

    [Fact]
    public async Task What_failed_says_when_it_is_tried_again_and_in_the_end_how_its_output_ended()
    {
        await using var raj = await Machine.UpAsync("raj");
        var waiting = (await raj.RunAsync("array", "2", "--detach", "--retries", "9", "--", "sh", "-c", "exit 3")).Expect().Stdout.Trim();
        string told;
        do
        {
            told = (await raj.RunAsync("why", waiting)).Expect().Stdout; // now and then it is asked just when one runs
        }
        while (!told.Contains("2 tasks that failed", StringComparison.Ordinal) && !told.Contains("failed: ", StringComparison.Ordinal));
        told.ShouldContain(" are tried again, on raj as before: no other node could run them; task 0 exited with 3 on raj");
        (await raj.RunAsync("kill", waiting)).Expect();

        // More tasks than there is room for: nobody is in the way, so nothing is said of waiting.
        var failed = (await raj.RunAsync("map", "--retries", "0", "--range", "5..24", "--chunk", "1", "--", "sh", "-c", "test {} != 5 || { echo gone >&2; exit 4; }")).Expect(1);
        failed.Stderr.ShouldNotContain("waits");
        failed.Stderr.ShouldContain("task 0 (number 5) exited with 4\n→ last lines of task 0 (number 5) on raj:\n    gone\n");
        var id = (await raj.JobsWhenAsync(jobs => jobs.Any(job => job.State == "failed"))).Single(job => job.State == "failed").Id;
        (await raj.RunAsync("why", id)).Expect().Stdout.ShouldEndWith("  last lines of task 0 (number 5) on raj:\n    gone\n");
    }

    [Fact]
    public async Task Of_a_task_it_says_where_it_runs_how_it_ended_and_what_it_waits_for()
    {
        await using var raj = await Machine.UpAsync("raj");
        var id = (await raj.RunAsync(
            "array", "4", "--detach", "--keep-going", "--retries", "0", "--", "sh", "-c", "test $AKC_TASK_INDEX != 0 || exit 3; sleep 600")).Expect().Stdout.Trim();
        await raj.JobsWhenAsync(jobs => jobs.Single() is { Failed: 1, Running: 2 });

        (await Why(0)).ShouldBe($"task 0 of job {id} failed on raj, attempt 1, exit code 3, 0 s");
        (await Why(1)).ShouldStartWith($"task 1 of job {id} runs on raj, for ");
        (await Why(3)).ShouldStartWith($"task 3 of job {id} waits: raj: 0 cores free of 1 core asked");
        var json = JsonSerializer.Deserialize((await raj.RunAsync("why", "--json", $"{id}/1")).Expect().Stdout, ProtocolJson.Default.TaskWhyView)!;
        (json.JobId, json.Task.Index, json.Task.State, json.Since is null).ShouldBe((id, 1, "running", false));
        (await raj.RunAsync("why", $"{id}/4")).ExpectError(5, $"job {id} has no task 4: its tasks are 0 to 3");
        (await raj.RunAsync("why", $"{id}/x")).ExpectError(5, "no task is called x");

        (await raj.RunAsync("kill", id)).Expect();
        (await Why(3)).ShouldBe($"task 3 of job {id} was cancelled with its job");

        async Task<string> Why(int task) => (await raj.RunAsync("why", $"{id}/{task}")).Expect().Stdout.TrimEnd();
    }
}
