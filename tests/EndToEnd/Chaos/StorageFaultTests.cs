using System.Security.Cryptography;
using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>A Lighthouse's disk that is full.</summary>
public sealed class FullDiskTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Lighthouse_whose_disk_is_full_for_a_while_loses_nothing_that_it_acknowledged()
    {
        using var disk = SmallDisk.Make(megabytes: 160);
        await using var pool = await ChaosPool.StartAsync(nodes: 2, home: Path.Combine(disk.Folder, "home"));
        var job = await pool.SubmitAsync(new TaskScript(Lines: 40, Pause: 0.1, Padding: 100), tasks: 4);
        await pool.StartedAsync(job, task: 3);

        using (disk.Fill())
        {
            (await pool.Lighthouse.RunAsync("run", "--", "true")).ExpectError(125, "disk");
            await Task.Delay(3000, Cancel);
        }

        await pool.SubmitAsync(new TaskScript(Lines: 2, Pause: 0, ResultBytes: 1000), tasks: 4);
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 60, mayNotBeStored: true);
    }

    [Fact]
    public async Task A_Lighthouse_that_is_killed_with_a_full_disk_says_so_and_comes_back_with_all_when_there_is_room()
    {
        using var disk = SmallDisk.Make(megabytes: 160);
        await using var pool = await ChaosPool.StartAsync(nodes: 1, home: Path.Combine(disk.Folder, "home"));
        var job = await pool.SubmitAsync(new TaskScript(Lines: 60, Pause: 0.1), tasks: 2);
        await pool.StartedAsync(job, task: 1);
        using (disk.Fill())
        {
            pool.KillLighthouse();
            var up = await pool.Lighthouse.RunAsync("up", "--no-node", "--json");
            if (up.ExitCode != 0) // with nothing to write it may come up
            {
                up.ExpectError(7, "disk");
            }
        }

        await pool.StartLighthouseAsync();
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 60, mayNotBeStored: true);
    }
}

/// <summary>A node's disk that is full.</summary>
public sealed class FullNodeDiskTests
{
    [Fact]
    public async Task A_node_whose_disk_is_full_loses_nothing()
    {
        using var disk = SmallDisk.Make(megabytes: 48);
        await using var pool = await ChaosPool.StartAsync(nodes: 1);
        var small = pool.NewMachine("small", home: Path.Combine(disk.Folder, "home"));
        small.Machine.Environment["TMPDIR"] = disk.Folder; // where work directories are made
        await pool.JoinAsync(small);
        using (disk.Fill())
        {
            await pool.SubmitAsync(new TaskScript(Lines: 300, Pause: 0.01, Padding: 500, ResultBytes: 5000, InputBytes: 100_000), tasks: 6, retries: 0);
            (await pool.EndedAsync(withinSeconds: 60)).ShouldBeTrue("the other node has room");
        }

        await pool.SubmitAsync(new TaskScript(Lines: 2, Pause: 0, ResultBytes: 100), tasks: 2, node: "small");
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 30);
    }
}

/// <summary>Files of the journal that are not as they were left.</summary>
public sealed class JournalFaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_torn_page_after_the_last_one_of_the_write_ahead_log_costs_nothing()
    {
        await using var pool = await LoadedAsync();
        await using (var log = new FileStream(LogFile(pool), FileMode.Append))
        {
            log.Write(RandomNumberGenerator.GetBytes(4096 - 1000)); // of a frame that power loss cut short
        }

        await pool.StartLighthouseAsync();

        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 60);
    }

    [Fact]
    public async Task Without_the_last_page_of_the_write_ahead_log_at_most_the_last_transaction_is_gone_and_jobs_end()
    {
        await using var pool = await LoadedAsync();
        await using (var log = new FileStream(LogFile(pool), FileMode.Open))
        {
            log.SetLength(log.Length - 3000);
        }

        await pool.StartLighthouseAsync();

        var there = (await pool.Socket.JobsAsync(Cancel)).Select(j => j.Id).ToHashSet();
        var lost = pool.Jobs.Where(j => !there.Contains(j.Id)).ToList();
        lost.Count.ShouldBeLessThanOrEqualTo(1); // each was acknowledged before the next was sent: no transaction holds two
        var last = pool.Jobs[^1];
        lost.ShouldAllBe(j => j == last);
        pool.Forget(lost);
        (await pool.EndedAsync(withinSeconds: 60)).ShouldBeTrue(string.Join("; ", (await pool.Socket.JobsAsync(Cancel)).Where(j => !j.HasEnded)));
    }

    [Fact]
    public async Task A_database_whose_last_page_is_cut_off_is_refused_in_one_line_that_says_what_to_do()
    {
        await using var pool = await LoadedAsync();
        await pool.StartLighthouseAsync();
        (await pool.EndedAsync(withinSeconds: 60)).ShouldBeTrue();
        await pool.Lighthouse.DownWithoutLogAsync();
        var file = DatabaseFile(pool);
        await using (var database = new FileStream(file, FileMode.Open))
        {
            database.SetLength(database.Length - 4096);
        }

        (await pool.Lighthouse.RunAsync("up", "--no-node", "--json")).ExpectError(7, file, "akc journal check");
    }

    /// <summary>A pool with jobs of all states whose Lighthouse was killed while it journaled.</summary>
    private static async Task<ChaosPool> LoadedAsync()
    {
        var pool = await ChaosPool.StartAsync(nodes: 2);
        var running = await pool.SubmitAsync(new TaskScript(Lines: 50, Pause: 0.1, Padding: 100), tasks: 2);
        await pool.StartedAsync(running, task: 1);
        for (var i = 0; i < 16; i++)
        {
            await pool.SubmitAsync(new TaskScript(Lines: 3, Pause: 0, ResultBytes: 200), tasks: 1 + (i % 4));
        }

        pool.KillLighthouse();
        return pool;
    }

    private static string DatabaseFile(ChaosPool pool) => Path.Combine(new Protocol.Homes.Home(pool.Lighthouse.Home).LighthouseFolder, "pool.db");

    private static string LogFile(ChaosPool pool) => DatabaseFile(pool) + "-wal";
}
