using System.Diagnostics;
using AkkaCompute.ComputeNode.Hardware;
using AkkaCompute.ComputeNode.Owner;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.ComputeNode.Tests.Link;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.ComputeNode.Tests.Sandbox;

/// <summary>Scripts in the real sandbox: what they see, and what they can't do.</summary>
public sealed class BubblewrapTests : IAsyncLifetime
{
    private const string TaskPath = "/usr/local/bin:/usr/bin:/bin";
    private readonly TempFolder folder = new();
    private readonly string work;
    private readonly Home home;
    private SandboxChoice sandbox = null!;

    public BubblewrapTests()
    {
        home = new Home(folder["home"]);
        work = folder["w"];
        Directory.CreateDirectory(work);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => sandbox = await Sandboxes.RealAsync(home);

    public ValueTask DisposeAsync()
    {
        if (Directory.Exists(home.WorkFolder))
        {
            Directory.Delete(home.WorkFolder, recursive: true);
        }

        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Its_work_directory_is_where_it_starts_and_what_it_writes_there_stays()
    {
        File.WriteAllText(Path.Combine(work, "in.txt"), "given");
        (await RunAsync("pwd; cat in.txt; echo made > out.txt; ls -A /tmp")).ShouldBe((0, "/tmp/work\ngivenwork\n"));
        File.ReadAllText(Path.Combine(work, "out.txt")).ShouldBe("made\n");
    }

    [Fact]
    public async Task Homes_and_other_work_directories_are_not_there()
    {
        folder.Write("w2/other.txt", "of another task");
        var owners = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var (code, seen) = await RunAsync($"ls -A '{owners}' /home /root 2>/dev/null | grep -v ':$' | grep .; cat '{folder["w2/other.txt"]}' 2>/dev/null || echo none");
        (code, seen).ShouldBe((0, "none\n"));
    }

    [Fact]
    public async Task A_home_of_the_node_elsewhere_is_hidden_too()
    {
        var elsewhere = new Home("/var/tmp/akct-" + Guid.NewGuid().ToString("N")[..8]);
        elsewhere.Create();
        try
        {
            File.WriteAllText(elsewhere.MembershipFile, "token");
            (await RunAsync($"ls -A '{elsewhere.Root}'; echo end", await Sandboxes.RealAsync(elsewhere))).ShouldBe((0, "end\n"));
        }
        finally
        {
            Directory.Delete(elsewhere.Root, recursive: true);
            Directory.Delete(elsewhere.WorkFolder, recursive: true);
        }
    }

    [Fact]
    public async Task Sockets_of_the_machines_services_are_not_there()
    {
        (await RunAsync("ls -A /run /var/run/ | grep -v ':$' | grep .; test -S /run/docker.sock || echo none")).ShouldBe((0, "none\n"));
    }

    [Fact]
    public async Task The_kernels_switches_are_not_its_to_turn()
    {
        (await RunAsync("for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches /sys/power/state; do test -w $f && echo $f; done; echo end"))
            .ShouldBe((0, "end\n"));
    }

    [Fact]
    public async Task There_is_no_network_but_its_own_loopback()
    {
        (await RunAsync("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '")).ShouldBe((0, "lo\n"));
    }

    [Fact]
    public async Task It_writes_to_its_directory_and_its_own_tmp_and_nowhere_else()
    {
        var name = "akc-" + Guid.NewGuid().ToString("N")[..8];
        var (code, could) = await RunAsync(
            $"for d in / /etc /usr /var /var/tmp /opt /sys /tmp .; do if (echo x > $d/{name}) 2>/dev/null; then echo $d; rm $d/{name}; fi; done");
        (code, could).ShouldBe((0, "/tmp\n.\n"));
        (await RunAsync($"echo x > /tmp/{name}")).Code.ShouldBe(0);
        File.Exists("/tmp/" + name).ShouldBeFalse(); // its own /tmp
    }

    [Fact]
    public async Task Its_environment_is_what_was_given_and_nothing_else()
    {
        Environment.SetEnvironmentVariable("OWNERS_TOKEN", "secret");
        var (code, environment) = await RunAsync("/usr/bin/env", null, ["GREETING=a b=\n$HOME 'c'", "PATH=" + TaskPath]);
        code.ShouldBe(0);
        environment.Replace("PWD=/tmp/work\n", "").Replace("SHLVL=1\n", "").Replace("SHLVL=0\n", "").Replace("_=/usr/bin/env\n", "")
            .Split("PATH=" + TaskPath + "\n").Order(StringComparer.Ordinal).ShouldBe(["", "GREETING=a b=\n$HOME 'c'\n"]);
    }

    [Fact]
    public async Task No_value_stands_where_others_on_the_machine_read_it_and_none_steers_the_sandbox_itself()
    {
        string[] environment = ["TOKEN=s3cret", "LD_PRELOAD=/tmp/evil.so", "PATH=" + TaskPath];
        BubblewrapLine.Of(sandbox, work, ["/bin/true"], environment, withGpus: false, []).ShouldNotContain(word => word.Contains("s3cret"));
        BubblewrapLine.OwnEnvironment(environment).ShouldBe(["TOKEN=s3cret", "PATH=" + TaskPath]);
        (await RunAsync("echo $TOKEN $LD_PRELOAD", null, environment)).ShouldBe((0, "s3cret /tmp/evil.so\n"));
    }

    [Fact]
    public async Task It_sees_no_process_of_the_machine_and_has_no_power()
    {
        var (code, seen) = await RunAsync(
            $"kill -0 {Environment.ProcessId} 2>/dev/null && echo reached; grep CapEff /proc/self/status; ls -d /proc/[0-9]* | wc -l");
        code.ShouldBe(0);
        var lines = seen.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        lines[0].ShouldBe("CapEff:\t0000000000000000");
        int.Parse(lines[1]).ShouldBeLessThan(6); // bwrap, the shell, ls and wc
    }

    [Fact]
    public async Task What_is_shown_on_purpose_is_there_although_it_lies_under_a_hidden_folder_and_only_to_read()
    {
        folder.Write("akc/program", "akc");
        (await RunAsync($"cat '{folder["akc/program"]}'; (echo x > '{folder["akc/program"]}') 2>/dev/null || echo refused", null, null, folder["akc"]))
            .ShouldBe((0, "akcrefused\n"));
    }

    [Fact]
    public async Task A_sandbox_is_chosen_where_it_works_and_demanded_when_the_owner_says_so()
    {
        var own = new NodeMembership("n1", "mike", "t", null, null, null, "auto", false);
        (await SandboxChoice.ChooseAsync(home, own, Cancel)).Kind.ShouldBe(SandboxChoice.Bubblewrap);
        (await SandboxChoice.ChooseAsync(home, own with { Sandbox = "plain", TrustGuests = true }, Cancel)).ShouldSatisfyAllConditions(
            c => c.Kind.ShouldBe(SandboxChoice.Unsandboxed), c => c.Program.ShouldBeNull());
        (await Should.ThrowAsync<NodeStartException>(SandboxChoice.ChooseAsync(home, own with { Sandbox = "plain" }, Cancel)))
            .Message.ShouldContain("--trust-guests");
    }

    [Fact]
    public void The_path_of_tasks_names_no_folder_that_they_do_not_see()
    {
        var folders = sandbox.TaskPath.Split(':');
        folders.ShouldContain("/usr/bin");
        folders.ShouldAllBe(f => !sandbox.Hides(f));
        folders.ShouldBeUnique();
    }

    private async Task<(int Code, string Output)> RunAsync(
        string script, SandboxChoice? choice = null, IReadOnlyList<string>? environment = null, params string[] visible)
    {
        environment ??= ["PATH=" + TaskPath];
        var line = BubblewrapLine.Of(choice ?? sandbox, work, ["/bin/sh", "-c", script], environment, withGpus: false, visible);
        var start = new ProcessStartInfo(line[0], line.Skip(1)) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        start.Environment.Clear();
        foreach (var variable in BubblewrapLine.OwnEnvironment(environment))
        {
            start.Environment[variable.Split('=')[0]] = variable[(variable.IndexOf('=') + 1)..];
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output);
    }
}

/// <summary>The sandbox of this machine.</summary>
internal static class Sandboxes
{
    /// <summary>Skips the test, with the reason, where there is none.</summary>
    public static async Task<SandboxChoice> RealAsync(Home home)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "bubblewrap is for Linux");
        Assert.SkipWhen(ProgramPath.Find("bwrap", Environment.GetEnvironmentVariable("PATH")) is null, "bubblewrap is not installed here");
        Assert.SkipUnless(await WorksAtAllAsync(), "bubblewrap is installed but may not make namespaces here");
        return await SandboxChoice.ChooseAsync(
            home, new NodeMembership("n1", "mike", "token", null, null, null, SandboxChoice.Bubblewrap, false), TestContext.Current.CancellationToken);
    }

    private static async Task<bool> WorksAtAllAsync()
    {
        using var bare = Process.Start("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "/bin/true"]);
        await bare.WaitForExitAsync(TestContext.Current.CancellationToken);
        return bare.ExitCode == 0;
    }
}
