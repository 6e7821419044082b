namespace AkkaCompute.EndToEnd;

/// <summary><c>akc submit</c>: a job that a file describes.</summary>
public sealed class JobFileTests
{
    [Fact]
    public async Task Paths_are_relative_to_the_file_and_results_land_here()
    {
        await using var raj = await Machine.UpAsync("raj");
        raj.Write("project/sum.sh", "cat data.csv \"$1\"; echo $SEED > seed.txt; exit 3");
        raj.Write("project/data.csv", "1\n");
        raj.Write("project/a.txt", "a\n");
        raj.Write("data.csv", "not this one\n");
        raj.Write("project/job.yaml", """
            command: sum.sh "a b.txt"
            file: [data.csv, "a.txt:a b.txt"]
            env: {SEED: 7}
            """);

        var run = await raj.RunAsync("submit", "project/job.yaml");

        run.Expect(3).Stdout.ShouldBe("1\na\n"); // ends as the task does
        File.ReadAllText(Path.Combine(Directory.GetDirectories(Path.Combine(raj.Work, "results")).Single(), "seed.txt")).ShouldBe("7\n");

        raj.Write("project/array.yaml", "command: [sh, -c, 'echo $AKC_TASK_INDEX > n']\narray: 2\nresults: out\n");
        var id = (await raj.RunAsync("submit", "--detach", "project/array.yaml")).Expect().Stdout.Trim();
        (await raj.RunAsync("logs", "-f", id)).Expect();
        (await raj.RunAsync("submit", "project/array.yaml")).Expect();
        File.ReadAllText(Path.Combine(raj.Work, "project/out/1/n")).ShouldBe("1\n");
        (await raj.RunAsync("submit", "--results", "here", "project/array.yaml")).Expect();
        File.ReadAllText(Path.Combine(raj.Work, "here/1/n")).ShouldBe("1\n");
    }

    [Fact]
    public async Task A_check_needs_no_pool_and_says_all_that_is_wrong()
    {
        await using var raj = new Machine("raj");
        raj.Write("good.yaml", "command: hostname\n");
        raj.Write("bad.yaml", "command: nope.py\nmemry: 1GiB\ncores: many\n");

        (await raj.RunAsync("submit", "--check", "good.yaml")).Expect().Stdout.ShouldBe("good.yaml: nothing is wrong\n");
        foreach (var check in new[] { "--check", "--detach" })
        {
            var bad = await raj.RunAsync("submit", check, "bad.yaml");
            bad.Expect(2).Stderr.ShouldBe("""
                bad.yaml:1:10: there is no script nope.py here
                bad.yaml:2:1: there is no key 'memry' (did you mean 'memory'?)
                bad.yaml:3:8: cores is 'many': write a whole number from 1 to 1024
                akc: bad.yaml has 3 errors: nothing was submitted

                """);
        }

        (await raj.RunAsync("submit", "--check", "--json", "bad.yaml")).Expect(2).Stdout.ShouldStartWith("""{"file":"bad.yaml","errors":[{"line":1,"column":10,"message":""");
        (await raj.RunAsync("submit", "nope.yaml")).ExpectError(125, "there is no file nope.yaml here");
        (await raj.RunAsync("submit", "good.yaml")).ExpectError(125, "no pool");
    }
}
