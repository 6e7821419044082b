using System.Text.Json;

namespace AkkaCompute.EndToEnd;

/// <summary>Bad input gets one clear line, a documented exit code, and nothing half done.</summary>
public sealed class BadInputTests
{
    [Fact]
    public async Task Without_a_Lighthouse_every_command_says_what_to_do()
    {
        await using var ann = new Machine("ann");
        foreach (var command in new[] { new[] { "ps" }, ["peers"], ["logs", "abc"], ["kill", "abc"], ["fetch", "abc"], ["why", "abc"], ["invite"] })
        {
            (await ann.RunAsync(command)).ExpectError(3, "akc up", "akc join");
        }

        (await ann.RunAsync("run", "--", "true")).ExpectError(125, "akc up", "akc join");
        (await ann.RunAsync("down")).Expect(0); // never asks twice, and nothing to stop is no failure
    }

    [Fact]
    public async Task A_Lighthouse_that_is_down_is_said_to_be_down()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        await using var ann = new Machine("ann");
        (await ann.RunAsync("connect", raj.Url.ToString(), "--code", raj.Code, "--user", "ann")).Expect();
        (await raj.RunAsync("down")).Expect();

        (await ann.RunAsync("ps")).ExpectError(3, "raj");
    }

    [Fact]
    public async Task A_wrong_code_is_refused_and_nothing_is_left()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        await using var eve = new Machine("eve");
        var words = raj.Code.Split('-');
        var wrong = string.Join('-', words.Reverse()) == raj.Code ? string.Join('-', words.Skip(1).Append(words[0])) : string.Join('-', words.Reverse());

        (await eve.RunAsync("join", raj.Url.ToString(), "--code", wrong, "--name", "eve", "--user", "eve")).ExpectError(4, "code");
        (await eve.RunAsync("join", raj.Url.ToString(), "--code", "not-a-code", "--name", "eve", "--user", "eve")).ExpectError(2, "6 words");

        (await eve.RunAsync("ps")).ExpectError(3);
        (await raj.PeersAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_expired_code_is_refused_and_says_so()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        var invite = JsonDocument.Parse((await raj.RunAsync("invite", "--valid", "10ms", "--json")).Expect().Stdout).RootElement;
        await using var eve = new Machine("eve");

        var join = await eve.RunAsync("join", raj.Url.ToString(), "--code", invite.GetProperty("code").GetString()!, "--name", "eve", "--user", "eve");

        join.ExpectError(4, "expired", "akc invite");
        (await raj.PeersAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_home_that_moves_to_another_pool_takes_no_token_along()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        await using var zoe = await Machine.UpAsync("zoe", "--no-node");
        await using var mike = await raj.FriendAsync("mike");
        var first = Protocol.Homes.Membership.Load(new(mike.Home))!;

        (await mike.RunAsync("join", zoe.Url.ToString(), "--code", zoe.Code, "--name", "mike", "--user", "mike", "--cores", "1")).Expect();

        var second = Protocol.Homes.Membership.Load(new(mike.Home))!;
        second.PoolName.ShouldBe("zoe");
        second.UserToken.ShouldNotBe(first.UserToken);
        second.Node!.Token.ShouldNotBe(first.Node!.Token);
        await zoe.PeersWhenAsync(p => p.Any(n => n.Name == "mike" && n.Status == "idle"));
    }

    [Fact]
    public async Task A_second_Lighthouse_on_the_port_is_refused()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        await using var ann = new Machine("ann");

        (await ann.RunAsync("up", "--port", raj.Url.Port.ToString(), "--no-node")).ExpectError(6, raj.Url.Port.ToString(), "--port");

        LinuxProcess.All().ShouldNotContain(p => p.Environment.Contains("AKC_HOME=" + ann.Home));
    }

    [Fact]
    public async Task A_taken_name_is_refused()
    {
        await using var raj = await Machine.UpAsync("raj");
        await using var mike = await raj.FriendAsync("mike");
        await using var other = new Machine("other");

        (await other.RunAsync("join", raj.Url.ToString(), "--code", raj.Code, "--name", "mike", "--user", "other")).ExpectError(6, "mike", "--name");
        (await other.RunAsync("join", raj.Url.ToString(), "--code", raj.Code, "--name", "other", "--user", "mike")).ExpectError(6, "mike", "--user");
    }

    [Fact]
    public async Task A_script_that_does_not_exist_is_an_error_and_no_job()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");

        (await raj.RunAsync("run", "train.py")).ExpectError(125, "train.py");
        (await raj.RunAsync("run", "./train")).ExpectError(125, "./train");
        (await raj.RunAsync("run", "-f", "no.csv", "--", "true")).ExpectError(125, "no.csv");

        (await raj.JobsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_that_no_node_can_run_says_so_at_once_and_waits()
    {
        await using var raj = await Machine.UpAsync("raj");
        using var run = raj.Start("run", "--cores", "999", "--", "true");

        var jobs = await raj.JobsWhenAsync(j => j.Count == 1);

        jobs[0].State.ShouldBe("queued");
        (await raj.RunAsync("why", jobs[0].Id)).Expect().Stdout.ShouldContain("999");
        (await raj.RunAsync("kill", jobs[0].Id)).Expect();
        (await run.ResultAsync(TestContext.Current.CancellationToken)).Stderr.ShouldContain("999");
    }

    [Fact]
    public async Task Words_that_are_not_UTF_8_are_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads its own command line in /proc");
        await using var ann = new Machine("ann");

        (await RunAsync("exec \"$@\" \"$(printf 'caf\\351')\"", "run", "--", "echo")).ExpectError(2, "caf\ufffd' is not UTF-8");
        (await RunAsync("export ODD=\"$(printf 'caf\\351')\"; exec \"$@\"", "run", "--env", "ODD", "--", "true")).ExpectError(2, "--env ODD", "not UTF-8");
        (await RunAsync("export ODD=caf\ufffd; exec \"$@\" caf\ufffd", "run", "--env", "ODD", "--", "echo")).ExpectError(125, "akc up"); // letters as good as any

        async Task<AkcResult> RunAsync(string shell, params string[] words)
        {
            using var process = Akc.Start(words, ann.Work, ann.Environment, ["sh", "-c", shell, "sh"]);
            return await process.ResultAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_place_for_results_that_can_be_none_is_told_before_the_job_is_sent()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        raj.Write("p.txt", "mine");

        (await raj.RunAsync("run", "--results", "p.txt", "--force", "--", "true")).ExpectError(2, "p.txt is a file: --results names a directory");
        (await raj.RunAsync("run", "--results", "/proc/x", "--", "true")).ExpectError(125, "nothing can be written into /proc");
        (await raj.RunAsync("fetch", "nosuchjob", "p.txt", "--force")).ExpectError(2, "p.txt is a file: DIR names a directory");

        (await raj.JobsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        foreach (var command in new[] { "logs", "kill", "fetch", "why" })
        {
            (await raj.RunAsync(command, "nosuchjob")).ExpectError(5, "nosuchjob");
        }
    }

    [Theory]
    [InlineData("run")]
    [InlineData("run", "--cores", "none", "--", "true")]
    [InlineData("run", "--memory", "lots", "--", "true")]
    [InlineData("run", "--no-such-option", "--", "true")]
    [InlineData("no-such-command")]
    [InlineData("logs")]
    public async Task Usage_errors_are_exit_2(params string[] arguments)
    {
        await using var ann = new Machine("ann");
        var result = await ann.RunAsync(arguments);
        result.Expect(2).Stdout.ShouldBeEmpty();
        result.Stderr.ShouldStartWith("akc: ");
    }
}
