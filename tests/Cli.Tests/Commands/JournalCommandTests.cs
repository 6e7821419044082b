using System.Text.Json;
using AkkaCompute.Cli.Tests.Client;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Commands;

public sealed class JournalCommandTests
{
    [Fact]
    public async Task Of_many_problems_text_shows_a_few_and_counts_the_rest()
    {
        await using var pool = await PoolWithLostOutputAsync(tasks: 30);
        using var home = new Variable("AKC_HOME", pool.Home.Root);
        using var captured = new Captured();

        (await Program.Main(["journal", "check"])).ShouldBe(ExitCodes.Failed);

        var lines = captured.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(22);
        lines[0].ShouldContain("1 job (0 unfinished)");
        lines[0].ShouldEndWith(": 30 problems");
        lines[1..21].ShouldAllBe(line => line.StartsWith("  job/") && line.Contains(" 0 of 5 bytes are left"));
        lines[21].ShouldBe("  and 10 more; --json shows 1000");
    }

    [Fact]
    public async Task Json_has_them_all()
    {
        await using var pool = await PoolWithLostOutputAsync(tasks: 30);
        using var home = new Variable("AKC_HOME", pool.Home.Root);
        using var captured = new Captured();

        (await Program.Main(["journal", "check", "--json"])).ShouldBe(ExitCodes.Failed);

        var view = JsonDocument.Parse(captured.Out).RootElement;
        view.GetProperty("problemCount").GetInt32().ShouldBe(30);
        view.GetProperty("problems").EnumerateArray().Select(p => p.EnumerateObject().Count()).ShouldAllBe(fields => fields == 3);
        view.TryGetProperty("migrates", out _).ShouldBeFalse();
        captured.Notes.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_export_that_can_not_be_written_leaves_nothing_behind()
    {
        using var folder = new TestFolder();
        await using var pool = await PoolUnderTest.StartAsync();
        using var home = new Variable("AKC_HOME", pool.Home.Root);
        using var captured = new Captured();
        await pool.SubmitAsync();
        Directory.CreateDirectory(folder["there"]);

        (await Program.Main(["journal", "export", "no-such-folder/e.ndjson"])).ShouldBe(ExitCodes.Disk);
        (await Program.Main(["journal", "export", "there", "--force"])).ShouldBe(ExitCodes.Disk);

        captured.Notes.ShouldNotContain(".new");
        captured.Notes.ShouldContain("no-such-folder/e.ndjson can't be written: there is no folder ");
        captured.Notes.ShouldContain("there is a folder");

        Directory.GetFiles(folder.Path).ShouldBeEmpty();
        captured.Out.ShouldBeEmpty();
        captured.Notes.Count(c => c == '\n').ShouldBe(2);
    }

    [Theory]
    [InlineData("--with-value", "no option --with-value")]
    [InlineData("-", "leave '-' out")]
    public async Task A_mistyped_option_is_no_file(string word, string says)
    {
        using var folder = new TestFolder();
        using var home = new Variable("AKC_HOME", folder.Path);
        using var captured = new Captured();

        (await Program.Main(["journal", "export", word])).ShouldBe(ExitCodes.Usage);

        captured.Notes.ShouldContain(says);
    }

    [Fact]
    public async Task Any_journal_is_looked_at_from_a_home_with_a_pool_of_its_own()
    {
        using var folder = new TestFolder();
        await using var pool = await PoolUnderTest.StartAsync();
        await using var other = await PoolUnderTest.StartAsync();
        await other.SubmitAsync();
        using var home = new Variable("AKC_HOME", pool.Home.Root);
        using var captured = new Captured();
        var file = Path.Combine(other.Home.LighthouseFolder, "pool.db");

        (await Program.Main(["journal", "check", "--journal", file])).ShouldBe(ExitCodes.Done);
        (await Program.Main(["journal", "check", "--journal", "postgres://akc@127.0.0.1:1/pool"])).ShouldBe(ExitCodes.Disk);
        (await Program.Main(["journal", "check", "--journal", folder["none.db"]])).ShouldBe(ExitCodes.NotFound);

        captured.Out.ShouldStartWith($"{file}: ");
        captured.Out.ShouldContain("1 job (1 unfinished)");
        captured.Out.ShouldNotContain("not looked at");
        captured.Notes.ShouldNotContain("begin anew");
    }

    [Fact]
    public async Task An_empty_database_is_an_unset_variable()
    {
        using var folder = new TestFolder();
        using var home = new Variable("AKC_HOME", folder.Path);
        using var captured = new Captured();

        (await Program.Main(["up", "--journal", ""])).ShouldBe(ExitCodes.Usage);

        captured.Notes.ShouldContain("--journal is empty");
        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    /// <summary>A job whose results say that they printed, and nothing of it is there.</summary>
    private static async Task<PoolUnderTest> PoolWithLostOutputAsync(int tasks)
    {
        var pool = await PoolUnderTest.StartAsync();
        var node = new PlayedNode(pool);
        var job = await pool.SubmitAsync(tasks);
        for (var finished = 0; finished < tasks;)
        {
            foreach (var attempt in await node.AssignedAsync())
            {
                node.Finish(job, attempt, bytes: 5);
                finished++;
            }
        }

        using var watched = pool.Pool.Feed.Subscribe(job);
        while (!(await pool.JobAsync(job)).HasEnded)
        {
            await watched.NextAsync(TestContext.Current.CancellationToken);
        }

        return pool;
    }
}
