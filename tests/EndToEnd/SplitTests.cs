using System.Diagnostics;

namespace AkkaCompute.EndToEnd;

/// <summary>Jobs of many tasks: arrays, lists, ranges, records.</summary>
public sealed class SplitTests
{
    private const string LengthPy = """
        import csv, sys
        with open(sys.argv[1], newline='') as i, open(sys.argv[2], 'w', newline='') as o:
            rows, out = csv.reader(i), csv.writer(o)
            out.writerow(next(rows) + ['length'])
            for row in rows:
                out.writerow(row + [len(row[1])])
        """;

    [Fact]
    public async Task Tasks_of_an_array_know_their_number_and_print_in_order()
    {
        await using var raj = await Machine.UpAsync("raj");

        var run = await raj.RunAsync("array", "5", "sh", "-c", "sleep 0.$((5 - AKC_TASK_INDEX)); echo $AKC_TASK_INDEX of $AKC_TASK_COUNT; echo $AKC_TASK_INDEX > n.txt");

        run.Expect().Stdout.ShouldBe("0 of 5\n1 of 5\n2 of 5\n3 of 5\n4 of 5\n");
        var results = Directory.GetDirectories(Path.Combine(raj.Work, "results")).Single();
        Enumerable.Range(0, 5).Select(i => File.ReadAllText(Path.Combine(results, $"{i}", "n.txt"))).ShouldBe(["0\n", "1\n", "2\n", "3\n", "4\n"]);
    }

    [Fact]
    public async Task Each_file_is_a_task_with_the_forms_of_its_name()
    {
        await using var raj = await Machine.UpAsync("raj");
        raj.Write("a.one.txt", "alpha\n");
        raj.Write("sub/b.txt", "beta\n");
        raj.Write("all.txt", "all\n");
        var far = Path.Combine(Directory.CreateDirectory(Path.Combine(raj.Work, "..", "far")).FullName, "c.txt");
        File.WriteAllText(far, "gamma\n");

        var run = await raj.RunAsync(
            "map", "a.one.txt", "./sub/b.txt", far, "-f", "all.txt", "--", "sh", "-c", "cat \"$0\" all.txt; ls -1 | wc -l; echo \"$@\"; cp \"$0\" \"$1\"", "{}", "{/.}.out", "{.}", "{/}", "{//}", "{#}");

        run.Expect().Stdout.ShouldBe("""
            alpha
            all
            2
            a.one.out a.one a.one.txt . 1
            beta
            all
            2
            b.out ./sub/b b.txt ./sub 2
            gamma
            all
            2
            c.out c c.txt . 3

            """);
        var results = Directory.GetDirectories(Path.Combine(raj.Work, "results")).Single();
        Directory.GetFiles(results, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(results, f)).Order().ShouldBe(["0/a.one.out", "1/b.out", "2/c.out"]);
        File.ReadAllText(Path.Combine(results, "2", "c.out")).ShouldBe("gamma\n");
    }

    [Fact]
    public async Task Lists_give_all_combinations_the_last_one_going_round_first()
    {
        await using var raj = await Machine.UpAsync("raj");
        raj.Write("a.csv", "A");
        raj.Write("list.txt", "x y\n\nz\n");

        (await raj.RunAsync("map", "a.csv", "plain", ":::", "1", "-2", "--", "echo", "{1/.}-{2}")).Expect().Stdout.ShouldBe("a-1\na--2\nplain-1\nplain--2\n");
        (await raj.RunAsync("map", "-a", "list.txt", "--", "echo", "it is")).Expect().Stdout.ShouldBe("it is x y\nit is z\n");
        var nothing = await raj.RunAsync("map", "--", "echo", "{}"); // stdin is empty
        nothing.ExpectError(2, "stdin has no values");
    }

    [Fact]
    public async Task A_range_is_cut_in_chunks_or_as_it_goes_and_none_is_lost()
    {
        await using var raj = await Machine.UpAsync("raj");

        var sevens = await raj.RunAsync("map", "--range", "1..20", "--chunk", "7", "--", "echo", "{start}", "{end}");
        sevens.Expect().Stdout.ShouldBe("1 7\n8 14\n15 20\n");

        var auto = await raj.RunAsync("map", "--range", "100..1..3", "--", "sh", "-c", "for i in $(seq {start} -3 {end}); do sleep 0.02; echo $i; done");
        auto.Expect().Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ShouldBe(Enumerable.Range(0, 34).Select(i => 100 - (3 * i)));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("auto")]
    public async Task Rows_are_one_table_again_equal_to_that_of_one_run(string chunk)
    {
        await using var raj = await Machine.UpAsync("raj");
        raj.Write("length.py", LengthPy);
        raj.Write("data.csv", "id,text\r\n" + string.Concat(Enumerable.Range(0, 60).Select(i => i % 5 == 0 ? $"{i},\"two\nlines, \"\"{i}\"\"\"\r\n" : $"{i},plain {i}\r\n")));
        using (var alone = Process.Start(new ProcessStartInfo("python3", ["length.py", "data.csv", "expected.csv"]) { WorkingDirectory = raj.Work })!)
        {
            await alone.WaitForExitAsync(TestContext.Current.CancellationToken);
            alone.ExitCode.ShouldBe(0);
        }

        var run = await raj.RunAsync("map", "--rows", "data.csv", "--chunk", chunk, "length.py", "--", "length.py", "{in}", "{out}");
        run.Expect(2); // length.py before the mark is a value, and rows have none
        run = await raj.RunAsync("map", "--rows", "data.csv", "--chunk", chunk, "--results", "r", "--", "length.py", "{in}", "{out}");

        run.Expect().Stderr.ShouldContain("saved: " + Path.Combine("r", "out.csv"));
        Directory.GetFileSystemEntries(Path.Combine(raj.Work, "r")).Select(Path.GetFileName).ShouldBe(["out.csv"]);
        var expected = File.ReadAllText(Path.Combine(raj.Work, "expected.csv"));
        File.ReadAllText(Path.Combine(raj.Work, "r", "out.csv")).ShouldBe(expected);

        var job = (await raj.JobsAsync()).Single();
        (job.Items, job.ItemsDone, job.Join!.File).ShouldBe((60, 60, "out.csv"));
        (await raj.RunAsync("fetch", job.Id, "again")).Expect().Stdout.ShouldBe(Path.Combine("again", "out.csv") + "\n");
        File.ReadAllText(Path.Combine(raj.Work, "again", "out.csv")).ShouldBe(expected);
        (await raj.RunAsync("fetch", job.Id, "again")).Expect();
        raj.Write("again/out.csv", "mine");
        (await raj.RunAsync("fetch", job.Id, "again")).ExpectError(6, "out.csv", "--force");
        File.ReadAllText(Path.Combine(raj.Work, "again", "out.csv")).ShouldBe("mine");
        (await raj.RunAsync("fetch", job.Id, "again", "--force")).Expect();
        File.ReadAllText(Path.Combine(raj.Work, "again", "out.csv")).ShouldBe(expected);
    }

    [Fact]
    public async Task Without_the_part_of_a_failed_task_nothing_is_joined()
    {
        await using var raj = await Machine.UpAsync("raj");
        raj.Write("data.jsonl", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");

        var run = await raj.RunAsync(
            "map", "--rows", "data.jsonl", "--chunk", "1", "--retries", "0", "--keep-going", "--results", "r", "--", "sh", "-c", "cp {in} {out}; test $AKC_TASK_INDEX != 1");

        run.Expect(1).Stderr.ShouldContain("out.jsonl is not joined: the parts of these tasks are missing: 1");
        var files = Directory.GetFiles(Path.Combine(raj.Work, "r"), "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Path.Combine(raj.Work, "r"), f)).Order();
        files.ShouldBe(["0/out.jsonl", "1/out.jsonl", "2/out.jsonl"]);
    }

    [Fact]
    public async Task Tasks_that_leave_no_part_leave_nothing_to_say()
    {
        await using var raj = await Machine.UpAsync("raj");
        raj.Write("data.txt", "a\nb\n");

        var run = await raj.RunAsync("map", "--rows", "data.txt", "--chunk", "1", "--", "cat");

        run.Expect().Stdout.ShouldBe("a\nb\n");
        run.Stderr.ShouldBeEmpty();
        Directory.Exists(Path.Combine(raj.Work, "results")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_task_that_fails_is_tried_twice_more()
    {
        await using var raj = await Machine.UpAsync("raj");

        (await raj.RunAsync("array", "3", "--", "sh", "-c", "echo $AKC_ATTEMPT; test $AKC_ATTEMPT -gt $AKC_TASK_INDEX")).Expect().Stdout.ShouldBe("1\n2\n3\n");
        var failed = await raj.RunAsync("array", "2", "--", "sh", "-c", "echo $AKC_ATTEMPT; test $AKC_TASK_INDEX = 0");
        failed.Expect(1).Stdout.ShouldBe("1\n3\n");
        failed.Stderr.ShouldContain("1 of 2 tasks failed");
        (await raj.RunAsync("map", "x", "--retries", "0", "--", "sh", "-c", "echo $AKC_ATTEMPT; exit 7")).Expect(7).Stdout.ShouldBe("1\n");
    }

    [Fact]
    public async Task Bad_input_is_one_line_and_no_job()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        raj.Write("a.txt", "a");
        raj.Write("sub/a.txt", "other");
        raj.Write("open.csv", "h\n1,\"x\n");

        (await raj.RunAsync("map", "a.txt", "wc")).ExpectError(2, "needs '--'", "akc map FILES... -- COMMAND {}");
        (await raj.RunAsync("map", "sub", "--", "wc")).ExpectError(2, "sub is a directory", "-f sub");
        (await raj.RunAsync("map", "a.txt", "-f", "sub/a.txt:a.txt", "--", "wc")).ExpectError(2, "a.txt would be in the work directory twice");
        (await raj.RunAsync("map", "a.txt", Path.Combine(raj.Work, "sub", "a.txt"), "--", "wc")).ExpectError(2, "two files would be a.txt");
        (await raj.RunAsync("map", "--range", "1..3", "--", "echo", "x")).ExpectError(2, "{start}");
        (await raj.RunAsync("map", "--range", "1..x", "--", "echo", "{}")).ExpectError(2, "--range is '1..x'");
        (await raj.RunAsync("map", "--rows", "open.csv", "--", "cat")).ExpectError(125, "within quotes");
        (await raj.RunAsync("map", "--rows", "nope.csv", "--", "cat")).ExpectError(125, "no file nope.csv");
        (await raj.RunAsync("array", "0", "--", "true")).ExpectError(2, "N is '0'");
        (await raj.RunAsync("array", "3")).ExpectError(2, "needs SCRIPT|COMMAND");

        (await raj.JobsAsync()).ShouldBeEmpty();
    }
}
