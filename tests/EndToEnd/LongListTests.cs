using System.Globalization;

namespace AkkaCompute.EndToEnd;

/// <summary>A pool with a long past.</summary>
public sealed class LongListTests
{
    private const int Jobs = 100_000;

    private const int MiB = 1024; // of what /proc counts in

    /// <summary>A quarter of what the list itself takes as JSON.</summary>
    private const int GrowthMax = 64 * MiB;

    /// <summary>Rows as the journal has them, of jobs like the one that is there, one a second before it.</summary>
    private const string Insert = """
        import json, sqlite3, sys
        from datetime import datetime, timedelta, timezone
        db = sqlite3.connect(sys.argv[1])
        view = json.loads(db.execute("SELECT view FROM job_views").fetchone()[0])
        begin = datetime.now(timezone.utc)
        def rows(count):
            for i in range(1, count + 1):
                at = begin - timedelta(hours=1, seconds=i)
                at = at.replace(microsecond=at.microsecond // 1000 * 1000)
                view["id"], view["submittedAt"] = f"old{i:06d}", at.isoformat()
                yield view["id"], 3, "succeeded", 1, round(at.timestamp() * 1000), json.dumps(view).encode()
        db.executemany("INSERT INTO job_views VALUES (?, ?, ?, ?, ?, ?)", rows(int(sys.argv[2])))
        db.commit()
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_thousand_jobs_are_listed_a_page_at_a_time()
    {
        await using var raj = await Machine.UpAsync("raj");
        var newest = (await raj.RunAsync("run", "--detach", "--", "true")).Expect().Stdout.Trim();
        await raj.JobsWhenAsync(jobs => jobs.Single().State == "succeeded");
        await raj.DownWithoutLogAsync();
        var script = raj.Write("insert.py", Insert);
        using (var insert = System.Diagnostics.Process.Start("python3", [script, Path.Combine(raj.Home, "lighthouse", "pool.db"), $"{Jobs}"]))
        {
            await insert.WaitForExitAsync(Cancel);
            insert.ExitCode.ShouldBe(0);
        }

        await raj.UpAsync("--no-node");

        // All of them, in order; of memory no more at the end than at the first page, and some.
        using (var ps = raj.Start("ps", "--all"))
        {
            (await ps.Stdout.ReadLineAsync(Cancel)).ShouldNotBeNull().ShouldStartWith("JOB");
            (await ps.Stdout.ReadLineAsync(Cancel)).ShouldNotBeNull().ShouldStartWith(newest);
            var first = PeakMemory(ps.Id);
            for (var i = 1; i <= Jobs; i++)
            {
                (await ps.Stdout.ReadLineAsync(Cancel)).ShouldNotBeNull().ShouldStartWith($"old{i:000000} ");
                if (i == Jobs - 2000)
                {
                    (PeakMemory(ps.Id) - first).ShouldBeLessThan(GrowthMax);
                }
            }

            (await ps.EndAsync(await ps.Stdout.ReadToEndAsync(Cancel), Cancel)).Expect().Stdout.ShouldBeEmpty();
        }

        // Who has seen enough ends it, and waits for no more.
        using (var ps = raj.Start("ps", "--all", "--json"))
        {
            var buffer = new char[1000];
            (await ps.Stdout.ReadAsync(buffer, Cancel)).ShouldBeGreaterThan(0);
            new string(buffer).ShouldStartWith($$"""[{"id":"{{newest}}",""");
            ps.Stdout.Close();
            (await ps.EndAsync("", Cancel)).Expect(141).Stderr.ShouldBeEmpty();
        }

        (await raj.RunAsync("ps", "--all", "--limit", "4000")).Expect().Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].ShouldStartWith("old003999 ");
        (await raj.JobsAsync()).Count.ShouldBe(Jobs + 1);
        (await raj.RunAsync("ps")).Expect().Stdout.Split('\n').Length.ShouldBe(2); // none of them runs

        Assert.SkipUnless(File.Exists("/usr/bin/less"), "less is not installed (eng/test installs it)");

        // On a terminal, in a pager: its first page is there at once, and leaving it leaves the list.
        using var terminal = Terminal.Open(raj);
        terminal.Type("clear; LESS=FRX PAGER=less akc ps --all; echo left $?");
        (await terminal.WaitForAsync("old000050", Cancel)).ShouldNotContain("left");
        terminal.Press("q");
        await terminal.WaitForAsync("left 0", Cancel);
    }

    /// <summary>The most that the process ever had, in KiB.</summary>
    private static int PeakMemory(int pid) => int.Parse(
        File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
