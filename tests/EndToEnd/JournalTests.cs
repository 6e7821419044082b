using System.Text.Json;
using AkkaCompute.Tests;

namespace AkkaCompute.EndToEnd;

/// <summary>What an operator sees of a journal, from outside.</summary>
public sealed class JournalTests
{
    private const int PageBytes = 4096;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pool_at_work_is_sound_each_time_it_is_looked_at()
    {
        await using var raj = await Machine.UpAsync("raj");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var working = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    (await raj.RunAsync("run", "--retries", "1", "--", "sh", "-c", "seq 1 20000; exit $((AKC_ATTEMPT % 2))")).Expect();
                }
            },
            Cancel)));

        for (var i = 0; i < 6; i++)
        {
            var check = (await raj.RunAsync("journal", "check")).Expect();
            check.Stdout.ShouldEndWith(": sound\n");
            check.Stdout.ShouldStartWith($"{raj.Home}/lighthouse/pool.db: format 4, generation 1, ");
            check.Stderr.ShouldBeEmpty();
        }

        await enough.CancelAsync();
        await working;
        (await raj.JobsAsync()).Count.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task What_is_wrong_with_which_job_is_a_line_each_and_an_object_each()
    {
        await using var raj = await Machine.UpAsync("raj");
        (await raj.RunAsync("run", "--", "sh", "-c", "seq 1 50000")).Expect();
        var job = (await raj.JobsAsync()).Single().Id;
        var output = Directory.GetFiles(Path.Combine(raj.Home, "lighthouse", "outputs", job)).Single();
        using (var file = new FileStream(output, FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        var check = (await raj.RunAsync("journal", "check")).Expect(1);
        var lines = check.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        lines[0].ShouldEndWith(": 1 problem");
        lines[1].ShouldStartWith($"  job/{job}: of the output of task 0 ");
        lines[1].ShouldContain("submit the job again");

        var json = JsonDocument.Parse((await raj.RunAsync("journal", "check", "--json")).Expect(1).Stdout).RootElement;
        json.GetProperty("sound").GetBoolean().ShouldBeFalse();
        json.GetProperty("problems")[0].GetProperty("machine").GetString().ShouldBe("job/" + job);
        json.GetProperty("problems")[0].GetProperty("todo").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_file_whose_last_page_is_lost_can_not_be_checked_and_the_rest_of_it_is_exported()
    {
        await using var raj = await Machine.UpAsync("raj");
        for (var i = 0; i < 3; i++)
        {
            (await raj.RunAsync("run", "--", "echo", "hi")).Expect();
        }

        await raj.DownWithoutLogAsync();
        var whole = (await raj.RunAsync("journal", "export")).Expect().Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using (var file = new FileStream(Path.Combine(raj.Home, "lighthouse", "pool.db"), FileMode.Open))
        {
            file.SetLength(file.Length - PageBytes);
        }

        (await raj.RunAsync("journal", "check")).ExpectError(7, "pool.db is damaged", "akc journal export", "restore a backup");
        var left = await raj.RunAsync("journal", "export");
        left.Expect(1).Stderr.ShouldContain("not exported: ");
        var lines = left.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldBeSubsetOf(whole);
        lines.ShouldNotBeEmpty();
        (await raj.RunAsync("up", "--no-node", "--port", "0")).Expect(7).Stderr.ShouldContain("akc journal check");
    }

    [Fact]
    public async Task A_home_without_a_journal_is_told_so_and_stays_as_it_is()
    {
        await using var raj = new Machine("raj");

        (await raj.RunAsync("journal", "check")).ExpectError(5, "no journal", "akc up");
        (await raj.RunAsync("journal", "check", "--json")).ExpectError(5, "no journal", "akc up");
        (await raj.RunAsync("journal", "export", "e.ndjson")).ExpectError(5, "no journal", "akc up");

        Directory.Exists(raj.Home).ShouldBeFalse();
        Directory.GetFiles(raj.Work).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_export_is_for_its_owner_and_overwrites_nothing()
    {
        await using var raj = await Machine.UpAsync("raj");
        (await raj.RunAsync("run", "--env", "TOKEN=geheim", "--", "true")).Expect();
        var file = Path.Combine(raj.Work, "e.ndjson");

        (await raj.RunAsync("journal", "export", "e.ndjson")).Expect().Stdout.ShouldBeEmpty();
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var exported = await File.ReadAllTextAsync(file, Cancel);
        exported.ShouldContain("\"environment\":{\"TOKEN\":null}");
        exported.ShouldNotContain("geheim");

        (await raj.RunAsync("journal", "export", "e.ndjson", "--with-values")).ExpectError(6, "e.ndjson is here already", "--force");
        (await File.ReadAllTextAsync(file, Cancel)).ShouldBe(exported);

        (await raj.RunAsync("journal", "export", "e.ndjson", "--with-values", "--force")).Expect();
        (await File.ReadAllTextAsync(file, Cancel)).ShouldContain("geheim");
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(raj.Work).ShouldBe([file]);
    }

    [Fact]
    public async Task A_journal_in_PostgreSQL_is_found_by_its_home()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var server = await PostgresServer.StartAsync();
        await using var raj = new Machine("raj");
        raj.Environment["AKC_JOURNAL"] = (await server.NewDatabaseAsync()).Replace("akc@", "akc:geheim@", StringComparison.Ordinal);
        await raj.UpAsync();
        (await raj.RunAsync("run", "--", "echo", "hi")).Expect();
        raj.Environment.Remove("AKC_JOURNAL");

        var running = (await raj.RunAsync("journal", "check")).Expect();
        running.Stdout.ShouldStartWith($"the PostgreSQL database 'pool1' at 127.0.0.1:{server.Port}: ");
        running.Stdout.ShouldEndWith(": sound\n");
        running.Stdout.ShouldNotContain("geheim");
        (await raj.RunAsync("down")).Expect();
        (await raj.RunAsync("journal", "check")).Expect().Stdout.ShouldEndWith(": sound\n");
        (await raj.RunAsync("journal", "export")).Expect().Stdout.ShouldContain("\"e\":\"completed\"");

        await server.GoAwayAsync();
        (await raj.RunAsync("journal", "check")).ExpectError(7, "PostgreSQL", "start PostgreSQL");
        await server.ComeBackAsync();
    }

    [Fact]
    public async Task A_password_is_no_argument()
    {
        await using var raj = new Machine("raj");

        (await raj.RunAsync("journal", "check", "--journal", "postgres://akc:geheim@127.0.0.1/pool")).ExpectError(2, "AKC_JOURNAL", "~/.pgpass");
    }
}
