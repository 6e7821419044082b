using System.Text.Json;

namespace AkkaCompute.EndToEnd;

/// <summary><c>akc retry</c>: what failed runs again, once its cause is cured.</summary>
public sealed class RetryTests
{
    [Fact]
    public async Task Of_six_tasks_only_the_two_run_again_that_failed()
    {
        await using var raj = await Machine.UpAsync("raj", "--sandbox", "plain", "--trust-guests"); // a task reads a file of the computer
        var cure = Path.Combine(raj.Home, "cured");
        var array = await raj.RunAsync(
            "array", "6", "--keep-going", "--retries", "0", "--env", $"CURE={cure}", "--", "sh", "-c",
            "case $AKC_TASK_INDEX in 1|4) test -e $CURE || { echo too early; exit 3; };; esac; echo task $AKC_TASK_INDEX, try $AKC_ATTEMPT | tee out.txt");
        array.Expect(1).Stdout.ShouldBe("task 0, try 1\ntoo early\ntask 2, try 1\ntask 3, try 1\ntoo early\ntask 5, try 1\n");
        var job = JsonDocument.Parse((await raj.RunAsync("ps", "--all", "--json")).Expect().Stdout).RootElement[0];
        var id = job.GetProperty("id").GetString()!;
        (await raj.RunAsync("retry", "nobody")).ExpectError(5, "there is no job nobody");

        File.WriteAllText(cure, "");
        (await raj.RunAsync("retry", id)).Expect().Stdout.ShouldBe($"job {id} goes on: 2 of 6 tasks again\n");

        (await raj.RunAsync("logs", id, "-f")).Expect().Stdout.ShouldBe(
            "task 0, try 1\ntask 1, try 2\ntask 2, try 1\ntask 3, try 1\ntask 4, try 2\ntask 5, try 1\n");
        job = JsonDocument.Parse((await raj.RunAsync("ps", "--all", "--json")).Expect().Stdout).RootElement[0];
        (job.GetProperty("state").GetString(), job.GetProperty("succeeded").GetInt32(), job.GetProperty("failed").GetInt32()).ShouldBe(("succeeded", 6, 0));
        (await raj.RunAsync("fetch", id)).Expect();
        Enumerable.Range(0, 6).Select(i => File.ReadAllText(Path.Combine(raj.Work, "results", id, $"{i}", "out.txt")))
            .ShouldBe(Enumerable.Range(0, 6).Select(i => $"task {i}, try {(i is 1 or 4 ? 2 : 1)}\n"));
        (await raj.RunAsync("retry", id)).ExpectError(6, "all its tasks have succeeded");
        (await raj.RunAsync("journal", "check")).Expect();
    }

    [Fact]
    public async Task A_cancelled_job_goes_on_over_a_restart_of_the_Lighthouse()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        var id = (await raj.RunAsync("array", "3", "--detach", "--", "sh", "-c", "echo $AKC_TASK_INDEX")).Expect().Stdout.Trim();
        (await raj.RunAsync("retry", id)).ExpectError(6, "it has not ended");
        (await raj.RunAsync("kill", id)).Expect();

        var retry = JsonDocument.Parse((await raj.RunAsync("retry", "--json", id)).Expect().Stdout).RootElement;
        (retry.GetProperty("state").GetString(), retry.GetProperty("queued").GetInt32()).ShouldBe(("queued", 3));
        (await raj.RunAsync("down")).Expect();
        await raj.UpAsync();

        (await raj.RunAsync("logs", id, "-f")).Expect().Stdout.ShouldBe("0\n1\n2\n");
    }
}
