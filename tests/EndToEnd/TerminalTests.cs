namespace AkkaCompute.EndToEnd;

/// <summary>In front of a person: a real terminal, by tmux.</summary>
public sealed class TerminalTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_sees_the_code_as_a_picture_and_names_before_lines()
    {
        await using var raj = new Machine("raj");
        using var terminal = Terminal.Open(raj);

        terminal.Type("akc up --name raj --user raj --port 0 --cores 2");
        var up = await terminal.WaitForAsync("█▀", Cancel); // a QR code
        up.ShouldContain("pool raj is up; your node raj lends 2 cores");
        up.ShouldContain("join   akc join ");

        terminal.Type("clear; akc run -- sh -c 'echo one; echo two >&2; echo three > f.txt'");
        var run = await terminal.WaitForAsync("saved: results/", Cancel);
        run.ShouldContain("running on raj");
        run.ShouldContain("[raj] one");
        run.ShouldContain("[raj] two");

        terminal.Type("clear; akc peers");
        (await terminal.WaitForAsync("idle", Cancel)).ShouldContain("NAME  ADDRESS");
    }

    [Fact]
    public async Task Up_asks_whether_to_join_a_pool_that_it_hears_and_a_join_asks_for_the_code()
    {
        var port = 20000 + ((Environment.ProcessId + 7) % 20000);
        await using var raj = new Machine("raj");
        await using var mike = new Machine("mike");
        await using var sara = new Machine("sara");
        await using var zoe = new Machine("zoe");
        foreach (var machine in new[] { raj, mike, sara, zoe })
        {
            machine.Environment.Remove("AKC_NO_BEACON");
            machine.Environment["AKC_BEACON_PORT"] = $"{port}";
        }

        await raj.UpAsync();
        using (var terminal = Terminal.Open(mike))
        {
            terminal.Type("akc up --name mike --user mike --cores 1");
            await terminal.WaitForAsync("join raj's pool? code, or Enter for your own:", Cancel);
            terminal.Type(raj.Code);
            await terminal.WaitForAsync("joined raj's pool as mike", Cancel);
        }

        using (var terminal = Terminal.Open(sara))
        {
            terminal.Type("akc join --name sara --user sara --cores 1");
            await terminal.WaitForAsync("code:", Cancel);
            terminal.Type(raj.Code);
            await terminal.WaitForAsync("joined raj's pool as sara", Cancel);
        }

        (await raj.PeersAsync()).Select(p => p.Name).ShouldBe(["mike", "raj", "sara"], ignoreOrder: true);

        // Where nobody can be asked it starts its own, and says so.
        var own = await zoe.RunAsync("up", "--name", "zoe", "--user", "zoe", "--port", "0", "--no-node");
        own.Expect().Stderr.ShouldContain("raj's pool is on this network too");
        own.Stdout.ShouldContain("pool zoe is up");
    }

    [Fact]
    public async Task Without_a_sandbox_the_owner_is_asked_once_and_peers_says_so()
    {
        await using var raj = new Machine("raj");
        (await raj.RunAsync("up", "--name", "raj", "--user", "raj", "--port", "0", "--sandbox", "plain")).ExpectError(1, "--trust-guests"); // nobody to ask
        using var terminal = Terminal.Open(raj);

        terminal.Type("akc up --name raj --user raj --port 0 --cores 1 --sandbox plain");
        await terminal.WaitForAsync("because you trust who is in the pool? [y/N]", Cancel);
        terminal.Type("y");
        await terminal.WaitForAsync(", without a sandbox", Cancel);
        terminal.Type("clear; akc peers");
        await terminal.WaitForAsync("unsandboxed", Cancel);

        (await raj.RunAsync("down")).Expect();
        (await raj.RunAsync("up")).Expect().Stdout.ShouldContain(", without a sandbox"); // not asked again
    }

    [Fact]
    public async Task A_long_transfer_shows_a_bar_on_a_terminal_and_none_elsewhere()
    {
        await using var raj = await Machine.UpAsync("raj");
        await using (var file = File.Create(raj.Write("big.bin", "")))
        {
            var part = new byte[16 << 20];
            for (var i = 0; i < 16; i++)
            {
                Random.Shared.NextBytes(part); // not alike, or one piece would do for all
                await file.WriteAsync(part, Cancel);
            }
        }

        using (var terminal = Terminal.Open(raj))
        {
            terminal.Type("akc run -f big.bin -- true");
            await terminal.WaitForAsync("→ sending", Cancel);
            await terminal.WaitForAsync("running on raj", Cancel);
        }

        File.AppendAllText(Path.Combine(raj.Work, "big.bin"), "more");
        (await raj.RunAsync("run", "-f", "big.bin", "--", "true")).Expect().Stderr.ShouldBeEmpty();
    }
}
