using System.Text.Json;
using AkkaCompute.Tests;

namespace AkkaCompute.EndToEnd;

/// <summary>A pool whose journal is in a real PostgreSQL server.</summary>
public sealed class PostgresTests : IAsyncLifetime
{
    private PostgresServer? server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PostgresServer Server => server!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        server = await PostgresServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_home_remembers_its_database_and_begins_no_empty_pool_beside_it()
    {
        await using var raj = await UpAsync("raj");
        var id = (await raj.RunAsync("run", "--detach", "--", "echo", "kept")).Expect().Stdout.Trim();
        await raj.JobsWhenAsync(j => j.Any(x => x.Id == id && x.State == "succeeded"));
        LinuxProcess.All().Where(p => p.IsAkc("node") && p.Environment.Contains("AKC_HOME=" + raj.Home)).ShouldHaveSingleItem()
            .Environment.ShouldNotContain(e => e.StartsWith("AKC_JOURNAL=", StringComparison.Ordinal)); // a node has no use for it
        (await raj.RunAsync("down")).Expect();

        raj.Environment.Remove("AKC_JOURNAL");
        await raj.UpAsync();

        (await raj.JobsAsync()).ShouldHaveSingleItem().Id.ShouldBe(id);
        (await raj.RunAsync("logs", id)).Expect().Stdout.ShouldBe("kept\n");
        File.Exists(Path.Combine(raj.Home, "lighthouse", "pool.db")).ShouldBeFalse();
        File.GetUnixFileMode(Path.Combine(raj.Home, "lighthouse", "journal")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await raj.RunAsync("down")).Expect();
        raj.Environment["AKC_JOURNAL"] = await Server.NewDatabaseAsync();
        (await raj.RunAsync("up", "--no-node", "--port", "0")).Expect(2).Stderr.ShouldContain("no pool");
        raj.Environment["AKC_JOURNAL"] = "sqlite";
        (await raj.RunAsync("up", "--no-node", "--port", "0")).Expect(2).Stderr.ShouldContain("begin anew");
    }

    [Fact]
    public async Task While_the_server_is_away_nothing_is_acknowledged_and_when_it_is_back_all_goes_on()
    {
        await using var raj = await UpAsync("raj");
        using var run = raj.Start("run", "--", "sh", "-c", "for i in 1 2 3 4 5 6; do echo $i $AKC_ATTEMPT; sleep 1; done");
        (await run.Stdout.ReadLineAsync(Cancel)).ShouldBe("1 1");
        var lighthouse = raj.Pid("lighthouse");

        await Server.GoAwayAsync();
        var refused = (await raj.RunAsync("run", "--", "echo", "lost")).Expect(125);
        refused.Stderr.ShouldContain("PostgreSQL");
        refused.Stderr.ShouldContain("waits for its journal");
        await Server.ComeBackAsync();

        var (rest, end) = (await run.Stdout.ReadToEndAsync(Cancel), run);
        (await end.EndAsync(rest, Cancel)).Expect(0).Stdout.ShouldBe("2 1\n3 1\n4 1\n5 1\n6 1\n");
        (await raj.RunAsync("run", "--", "echo", "back")).Expect().Stdout.ShouldBe("back\n");
        (await raj.JobsAsync()).Select(j => j.State).ShouldBe(["succeeded", "succeeded"]);
        raj.Pid("lighthouse").ShouldBe(lighthouse);
    }

    [Fact]
    public async Task A_second_Lighthouse_is_refused_until_the_first_is_silent_for_long_and_then_the_first_writes_nothing_more()
    {
        await using var raj = await UpAsync("raj", "--no-node");
        var acknowledged = (await raj.RunAsync("run", "--detach", "--", "echo", "one")).Expect().Stdout.Trim();
        await using var spare = new Machine("spare");
        spare.Environment["AKC_JOURNAL"] = raj.Environment["AKC_JOURNAL"];
        Copy(Path.Combine(raj.Home, "lighthouse"), Path.Combine(spare.Home, "lighthouse"), "certificate.pfx");
        (await spare.RunAsync("up", "--user", "raj", "--port", "0")).Expect(6).Stderr.ShouldContain("another Lighthouse");

        Signals.Send(raj.Pid("lighthouse"), Signals.Stop);
        var paused = raj.Pid("lighthouse");
        using var ended = System.Diagnostics.Process.GetProcessById(paused);
        using var late = raj.Start("run", "--detach", "--", "echo", "two"); // the paused one is asked, and cannot answer
        var until = DateTime.UtcNow.AddSeconds(60);
        AkcResult up;
        do
        {
            await Task.Delay(500, Cancel); // each try is a process
            up = await spare.RunAsync("up", "--user", "raj", "--cores", "1", "--port", "0", "--json");
        }
        while (up.ExitCode == 6 && DateTime.UtcNow < until);
        up.Expect();
        await spare.JobsWhenAsync(j => j.Any(x => x.Id == acknowledged && x.State == "succeeded"));

        Signals.Send(paused, Signals.Continue);
        await ended.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        (await late.ResultAsync(Cancel)).ExitCode.ShouldBe(125);
        (await spare.JobsAsync()).Select(j => j.Id).ShouldBe([acknowledged]);
        File.ReadAllText(Path.Combine(raj.Home, "log", "lighthouse.log")).ShouldContain("has taken over");
        File.ReadAllText(Path.Combine(raj.Home, "log", "lighthouse.err")).ShouldNotContain("a bug");
        (await spare.RunAsync("run", "--", "echo", "three")).Expect().Stdout.ShouldBe("three\n");
    }

    [Fact]
    public async Task Wrong_settings_are_refused_in_one_line_without_their_secrets()
    {
        await using var raj = new Machine("raj");

        var password = (await raj.RunAsync("up", "--journal", "postgres://akc:hush@127.0.0.1/pool")).Expect(2);
        password.Stderr.ShouldContain("AKC_JOURNAL");
        password.Stderr.ShouldNotContain("hush");
        (await raj.RunAsync("up", "--journal", "postgres://h/d?sslmod=x")).Expect(2).Stderr.ShouldContain("sslmod");
        raj.Environment["AKC_JOURNAL"] = "postgres://akc:hush@127.0.0.1:1/pool";
        var gone = (await raj.RunAsync("up", "--port", "0")).Expect(7);
        gone.Stderr.ShouldContain("127.0.0.1:1");
        gone.Stderr.ShouldNotContain("hush");
        Directory.Exists(Path.Combine(raj.Home, "log")).ShouldBeTrue();
        Directory.GetFiles(Path.Combine(raj.Home, "log")).ShouldAllBe(file => !File.ReadAllText(file).Contains("hush"));

        raj.Environment.Remove("AKC_JOURNAL");
        await raj.UpAsync("--no-node");
        (await raj.RunAsync("down")).Expect();
        raj.Environment["AKC_JOURNAL"] = await Server.NewDatabaseAsync();
        (await raj.RunAsync("up", "--port", "0")).Expect(2).Stderr.ShouldContain("pool.db");
    }

    private async Task<Machine> UpAsync(string name, params string[] options)
    {
        var machine = new Machine(name);
        machine.Environment["AKC_JOURNAL"] = await Server.NewDatabaseAsync();
        await machine.UpAsync(options);
        return machine;
    }

    private static void Copy(string from, string to, string file)
    {
        Directory.CreateDirectory(to);
        File.Copy(Path.Combine(from, file), Path.Combine(to, file));
    }
}
