using System.Text.Json;

namespace AkkaCompute.EndToEnd;

/// <summary>What a user types is what the task gets. One pool serves all of these.</summary>
public sealed class CommandLineTests(CommandLineTests.Pool pool) : IClassFixture<CommandLineTests.Pool>
{
    private readonly Machine raj = pool.Raj;
    private readonly string folder = Directory.CreateDirectory(Path.Combine(pool.Raj.Work, Guid.NewGuid().ToString("N"))).FullName;

    [Theory]
    [InlineData("-n 5", "s.py", "-n", "5")]
    [InlineData("--help", "s.py", "--help")]
    [InlineData("@list.txt", "s.py", "@list.txt")]
    [InlineData("-- x --", "s.py", "--", "x", "--")]
    [InlineData("-- x", "--", "s.py", "--", "x")]
    [InlineData("--cores 9", "--cores", "1", "s.py", "--cores", "9")]
    [InlineData("$HOME * a;b", "s.py", "$HOME", "*", "a;b")]
    public async Task Everything_after_the_script_is_the_scripts(string prints, params string[] words)
    {
        Write("s.py", "import sys\nprint(*sys.argv[1:])\n");
        Write("list.txt", "not read");

        (await RunAsync(["run", .. words])).Expect().Stdout.ShouldBe(prints + "\n");
    }

    [Fact]
    public async Task Gpu_takes_a_number_only_after_an_equals_sign()
    {
        Write("s.py", "print('never')");
        var id = (await RunAsync("run", "--detach", "--gpu", "s.py")).Expect().Stdout.Trim();

        (await RunAsync("why", id)).Expect().Stdout.ShouldContain("GPU");

        (await raj.JobsAsync()).Single(j => j.Id == id).Command.ShouldContain("s.py");
        (await RunAsync("kill", id)).Expect();
    }

    [Fact]
    public async Task A_file_that_is_not_sent_gets_a_hint()
    {
        Write("data.csv", "1");
        Write("s.py", "print('ran')");

        var run = (await RunAsync("run", "s.py", "data.csv")).Expect();

        run.Stdout.ShouldBe("ran\n");
        run.Stderr.ShouldContain("data.csv is a file here but is not sent; add -f data.csv");
    }

    [Fact]
    public async Task Files_keep_their_relative_paths_or_are_renamed_or_land_by_base_name()
    {
        Write("sub/a.txt", "a");
        Write("b.txt", "b");
        var outside = raj.Write(Path.GetRandomFileName() + ".txt", "c");

        var run = await RunAsync("run", "-f", "sub/a.txt", "-f", "b.txt:in/renamed.txt", "-f", outside, "--", "find", ".", "-type", "f");

        run.Expect().Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)
            .ShouldBe(new[] { "./" + Path.GetFileName(outside), "./in/renamed.txt", "./sub/a.txt" }.Order(StringComparer.Ordinal));
        (await RunAsync("run", "-f", "b.txt", "-f", "sub/a.txt:b.txt", "--", "true")).ExpectError(2, "b.txt");
    }

    [Fact]
    public async Task A_directory_can_be_the_work_directory()
    {
        Write("project/main.py", "import sibling\nprint(sibling.word)");
        Write("project/sibling.py", "word = 'together'");

        var run = await RunAsync("run", "--dir", "project", "project/main.py");

        run.Expect().Stdout.ShouldBe("together\n");
        Directory.Exists(Path.Combine(folder, "results")).ShouldBeFalse(); // __pycache__ is left out; no files, no folder
    }

    [Fact]
    public async Task A_missing_sibling_module_gets_a_hint()
    {
        Write("main.py", "import sibling");
        Write("sibling.py", "");

        var run = await RunAsync("run", "main.py");

        run.Expect(1).Stderr.ShouldContain("--dir .");
    }

    [Fact]
    public async Task Stdin_is_empty_and_the_environment_is_what_was_given()
    {
        raj.Environment["AKC_TEST_SECRET_NAME"] = "leak";
        var run = await RunAsync("run", "--env", "GREETING=hello world", "--", "sh", "-c", "cat; echo $GREETING; env | grep -c leak");
        run.Stdout.ShouldBe("hello world\n0\n");
        raj.Environment.Remove("AKC_TEST_SECRET_NAME");

        var jobs = (await RunAsync("ps", "--all", "--json")).Expect().Stdout;
        jobs.ShouldNotContain("hello world"); // values of --env stay out of lists
    }

    [Fact]
    public async Task Results_are_never_overwritten_without_force_and_come_after_a_failure_too()
    {
        Write("out/old.txt", "mine");
        string[] command = ["--", "sh", "-c", "echo new > old.txt; exit 3"];

        (await RunAsync(["run", "--results", "out", .. command])).ExitCode.ShouldNotBe(0);
        File.ReadAllText(Path.Combine(folder, "out", "old.txt")).ShouldBe("mine");

        (await RunAsync(["run", "--results", "out", "--force", .. command])).Expect(3);
        File.ReadAllText(Path.Combine(folder, "out", "old.txt")).ShouldBe("new\n");
    }

    [Fact]
    public async Task Only_what_was_asked_for_comes_back_and_can_be_fetched_again()
    {
        var id = (await RunAsync("run", "--detach", "--out", "*.txt", "--", "sh", "-c", "echo 1 > a.txt; echo 2 > b.log")).Expect().Stdout.Trim();
        await raj.JobsWhenAsync(j => j.Any(x => x.Id == id && x.State == "succeeded"));

        (await RunAsync("fetch", id, "there")).Expect();

        Directory.GetFiles(Path.Combine(folder, "there")).Select(Path.GetFileName).ShouldBe(["a.txt"]);
    }

    [Fact]
    public async Task Json_has_the_documented_fields()
    {
        var id = (await RunAsync("run", "--detach", "--json", "--", "sh", "-c", "echo one; echo two >&2")).Expect().Stdout;
        var job = JsonDocument.Parse(id).RootElement.GetProperty("id").GetString()!;
        await raj.JobsWhenAsync(j => j.Any(x => x.Id == job && x.State == "succeeded"));

        ShouldBeAsDocumented("run --detach", id);
        await CheckAsync("peers");
        await CheckAsync("ps", "--all");
        await CheckAsync("top");
        await CheckAsync("why", job);
        await CheckAsync("fetch", job);
        await CheckAsync("invite");
        await CheckAsync("up");
        await CheckAsync("doctor");
        var logs = (await RunAsync("logs", job, "--json")).Expect().Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        logs.Length.ShouldBe(2);
        foreach (var line in logs)
        {
            ShouldBeAsDocumented("logs", line);
        }

        ShouldBeAsDocumented("ps", (await RunAsync("kill", job, "--json")).Expect().Stdout);
        ShouldBeAsDocumented("journal check", (await RunAsync("journal", "check", "--json")).Expect().Stdout);
        foreach (var line in (await RunAsync("journal", "export")).Expect().Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            ShouldBeAsDocumented("journal export", line);
        }
    }

    [Fact]
    public async Task Help_of_every_command_shows_examples()
    {
        foreach (var command in new[] { "up", "join", "connect", "down", "peers", "run", "ps", "top", "logs", "kill", "fetch", "why", "invite", "doctor", "journal", "demo" })
        {
            (await RunAsync(command, "--help")).Expect().Stdout.ShouldContain("akc " + command, customMessage: command);
        }
    }

    private async Task CheckAsync(string command, params string[] arguments) =>
        ShouldBeAsDocumented(command, (await RunAsync([command, .. arguments, "--json"])).Expect().Stdout);

    /// <summary>The fields are those of the command's line in docs/cli.md; one marked <c>?</c> there may be missing.</summary>
    private static void ShouldBeAsDocumented(string command, string json)
    {
        var root = JsonDocument.Parse(json).RootElement;
        var item = root.ValueKind == JsonValueKind.Array ? root[0] : root;
        var fields = item.EnumerateObject().Select(p => p.Name).ToList();
        var line = File.ReadLines(Path.Combine(Akc.Root, "docs", "cli.md")).Single(l => l.StartsWith($"| `{command}` |", StringComparison.Ordinal));
        var documented = line.Split('|')[2].Split('`').Where((_, i) => i % 2 == 1).ToList();
        fields.Except(documented.Select(f => f.TrimEnd('?'))).ShouldBeEmpty($"{command} prints fields that docs/cli.md does not list");
        documented.Where(f => !f.EndsWith('?')).Except(fields).ShouldBeEmpty($"{command} does not print fields that docs/cli.md lists");
    }

    private Task<AkcResult> RunAsync(params string[] arguments) => raj.RunInAsync(folder, arguments);

    private void Write(string name, string content) => raj.Write(Path.Combine(folder, name), content);

    public sealed class Pool : IAsyncLifetime
    {
        internal Machine Raj { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Raj = await Machine.UpAsync("raj");

        public ValueTask DisposeAsync() => Raj.DisposeAsync();
    }
}
