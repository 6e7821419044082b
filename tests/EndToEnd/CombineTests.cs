using System.Text.Json;

namespace AkkaCompute.EndToEnd;

/// <summary><c>--combine</c>: a last task works on what the others left, and the order goes by its id.</summary>
public sealed class CombineTests
{
    [Fact]
    public async Task A_last_task_finds_what_the_others_left_and_printed_beside_the_inputs_of_the_job()
    {
        await using var raj = await Machine.UpAsync("raj");
        raj.Write("factor.txt", "2\n");
        raj.Write("results/0.stdout", "of an earlier run\n");
        raj.Write("results/7/square.txt", "of an earlier run\n");
        raj.Write("sum.py", """
            import glob, sys
            factor = int(open("factor.txt").read())
            total = factor * sum(int(open(name).read()) for name in glob.glob("results/*/square.txt"))
            open("total.txt", "w").write(f"{total}\n")
            print(total, *(open(f"results/{i}.stdout").read().strip() for i in range(4)), sys.argv[1])
            """);

        var run = await raj.RunAsync(
            "array", "4", "--dir", ".", "--results", "out", "--combine", "sum.py 'a b'", "--", "sh", "-c",
            "i=$AKC_TASK_INDEX; echo $((i * i)) > square.txt; echo task $i; echo aside >&2");

        run.Expect().Stdout.ShouldBe("28 task 0 task 1 task 2 task 3 a b\n");
        Directory.GetFiles(Path.Combine(raj.Work, "out"), "*", SearchOption.AllDirectories).ShouldBe([Path.Combine(raj.Work, "out", "total.txt")]);
        File.ReadAllText(Path.Combine(raj.Work, "out", "total.txt")).ShouldBe("28\n");
        var jobs = await raj.JobsAsync();
        var combine = jobs.Single(job => job.Combines is not null);
        (combine.State, combine.Combines, combine.Command).ShouldBe(("succeeded", jobs.Single(job => job.Id != combine.Id).Id, "sum.py 'a b'"));
        (await raj.RunAsync("logs", combine.Id)).Expect().Stdout.ShouldBe(run.Stdout);
        (await raj.RunAsync("fetch", combine.Combines!, "parts")).Expect();
        File.ReadAllText(Path.Combine(raj.Work, "parts", "3", "square.txt")).ShouldBe("9\n");
        (await raj.RunAsync("journal", "check")).Expect();
    }

    [Fact]
    public async Task It_goes_on_over_a_kill_of_the_Lighthouse_at_any_place()
    {
        await using var raj = await Machine.UpAsync("raj", "--sandbox", "plain", "--trust-guests"); // tasks read files of the computer
        var (parts, last) = (Path.Combine(raj.Home, "parts"), Path.Combine(raj.Home, "last"));
        var id = (await raj.RunAsync(
            "array", "3", "--detach", "--env", $"PARTS={parts}", "--env", $"LAST={last}",
            "--combine", "sh -c 'while [ ! -e $LAST ]; do sleep 0.1; done; cat results/*.stdout'", "--",
            "sh", "-c", "while [ ! -e $PARTS ]; do sleep 0.1; done; echo part $AKC_TASK_INDEX")).Expect().Stdout.Trim();
        await KillAsync(raj);
        File.WriteAllText(parts, "");
        await raj.JobsWhenAsync(jobs => jobs.Single(job => job.Id == id).State == "running");
        await KillAsync(raj);

        File.WriteAllText(last, "");

        (await raj.RunAsync("logs", id, "-f")).Expect().Stdout.ShouldBe("part 0\npart 1\npart 2\n");
        (await raj.JobsAsync()).ShouldAllBe(job => job.State == "succeeded");
    }

    [Fact]
    public async Task Parts_that_fail_end_it_and_a_retry_of_it_runs_what_failed_and_combines_anew()
    {
        await using var raj = await Machine.UpAsync("raj", "--sandbox", "plain", "--trust-guests");
        var cure = Path.Combine(raj.Home, "cured");
        string[] order =
        [
            "array", "3", "--retries", "0", "--env", $"CURE={cure}", "--combine", "sh -c 'cat results/*.stdout'", "--", "sh", "-c",
            "[ $AKC_TASK_INDEX != 1 ] || test -e $CURE || exit 7; echo part $AKC_TASK_INDEX, try $AKC_ATTEMPT",
        ];
        var failed = await raj.RunAsync(order);
        var (id, parts) = ((await raj.JobsAsync()).Single(job => job.Combines is not null) is var job ? job.Id : "", job.Combines!);
        failed.Expect(1).Stderr.ShouldContain($"job {id} was cancelled: its parts are job {parts}, which failed (");
        failed.Stdout.ShouldBeEmpty();

        var kept = await raj.RunAsync([.. order[..1], "3", "--keep-going", .. order[2..]]);

        kept.Expect().Stdout.ShouldBe("part 0, try 1\npart 2, try 1\n"); // what is there
        File.WriteAllText(cure, "");
        (await raj.RunAsync("retry", id)).Expect();
        (await raj.RunAsync("logs", id, "-f")).Expect().Stdout.ShouldContain("part 1, try 2\n");
        (await raj.JobsAsync()).Where(job => job.Id == id || job.Id == parts).ShouldAllBe(job => job.State == "succeeded");
    }

    [Fact]
    public async Task Whoever_ends_it_ends_its_parts_as_well()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        var id = JsonDocument.Parse((await raj.RunAsync("array", "2", "--detach", "--json", "--combine", "cat", "--", "true")).Expect().Stdout)
            .RootElement.GetProperty("id").GetString()!;
        (await raj.JobsAsync()).Count.ShouldBe(2);

        (await raj.RunAsync("kill", id)).Expect();

        (await raj.JobsAsync()).ShouldAllBe(job => job.State == "cancelled");
    }

    [Fact]
    public async Task A_combine_that_needs_a_shell_or_a_script_that_there_is_not_is_told_before_anything_is_sent()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        (await raj.RunAsync("array", "2", "--combine", "cat *", "--", "true")).ExpectError(2, "--combine: '*' is a shell's business", "sh -c '...'");
        (await raj.RunAsync("array", "2", "--combine", "", "--", "true")).ExpectError(2, "--combine: empty");
        (await raj.RunAsync("array", "2", "--combine", "sum.py", "--", "true")).ExpectError(125, "there is no script sum.py here");
        (await raj.JobsAsync()).ShouldBeEmpty();
    }

    /// <summary>The Lighthouse dies without a word, and another one takes up its journal.</summary>
    private static async Task KillAsync(Machine raj)
    {
        Signals.Send(raj.Pid("lighthouse"), Signals.Kill);
        await raj.UpAsync();
    }
}
