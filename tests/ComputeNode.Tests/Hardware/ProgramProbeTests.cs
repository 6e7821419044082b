using AkkaCompute.ComputeNode.Hardware;
using AkkaCompute.ComputeNode.Tests.Keeper;
using AkkaCompute.ComputeNode.Tests.Link;

namespace AkkaCompute.ComputeNode.Tests.Hardware;

/// <summary>Real scripts, asked about themselves.</summary>
public sealed class ProgramProbeTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly ProgramProbe probe;

    public ProgramProbeTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "its programs are shell scripts");
        probe = new ProgramProbe($"{folder["bin"]}:{folder["more"]}:relative:/usr/bin:/bin");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_first_executable_on_the_path_is_found()
    {
        folder.Write("bin/tool", "no program");
        var tool = folder.WriteProgram("more/tool", "#!/bin/sh\n");
        Directory.CreateDirectory(folder["bin/folder"]);
        probe.Find("tool").ShouldBe(tool);
        probe.Find("folder").ShouldBeNull();
        probe.Find("no-such-tool").ShouldBeNull();
    }

    [Fact]
    public async Task Both_streams_are_the_answer()
    {
        var answer = await AskAsync("echo out $1; echo err >&2", "--version");
        answer.ShouldBe("out --version\n\nerr\n");
    }

    [Fact]
    public async Task It_sees_what_a_task_would_see_and_nothing_of_the_owners_environment()
    {
        Environment.SetEnvironmentVariable("OWNERS_TOKEN", "secret");
        var names = (await AskAsync("env"))!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')[0]);
        names.Except(["PWD", "SHLVL", "_", "TMPDIR", "TMP", "TEMP"]).Order(StringComparer.Ordinal)
            .ShouldBe(["HOME", "LANG", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE"]);
    }

    [Fact]
    public async Task Its_input_is_empty() => (await AskAsync("cat; echo end")).ShouldBe("end\n\n");

    [Fact]
    public async Task What_fails_or_is_no_program_has_no_answer()
    {
        (await AskAsync("echo partial; exit 1")).ShouldBeNull();
        (await probe.AskAsync(folder["missing"], [], Cancel)).ShouldBeNull();
        (await probe.AskAsync(folder.Write("text", "text"), [], Cancel)).ShouldBeNull();
        (await probe.AskAsync(folder.WriteProgram("bad", "#!/no/such/interpreter\n"), [], Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Endless_output_is_cut_and_not_kept()
    {
        var answer = await AskAsync("head -c 3000000 /dev/zero");
        answer!.Length.ShouldBeInRange(1, 1024 * 1024 + 1);
    }

    [Fact]
    public async Task One_that_takes_too_long_has_no_answer_and_is_killed_with_its_children()
    {
        var seconds = (100_000 + Random.Shared.Next(800_000_000)).ToString();
        var impatient = new ProgramProbe("/usr/bin:/bin") { Timeout = TimeSpan.FromMilliseconds(300) };
        (await impatient.AskAsync("/bin/sh", ["-c", $"sleep {seconds}; true"], Cancel)).ShouldBeNull();
        await Eventually.Holds(() => Eventually.Running(seconds).Count == 0);
    }

    [Fact]
    public async Task Whoever_asks_can_give_up()
    {
        using var stop = new CancellationTokenSource();
        var seconds = (100_000 + Random.Shared.Next(800_000_000)).ToString();
        var asking = probe.AskAsync("/bin/sh", ["-c", $"sleep {seconds}; true"], stop.Token);
        await Eventually.Holds(() => Eventually.Running(seconds).Count == 1);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asking);
        await Eventually.Holds(() => Eventually.Running(seconds).Count == 0);
    }

    [Fact]
    public async Task Tools_get_their_versions_and_a_shim_without_its_program_is_none()
    {
        folder.WriteProgram("only/node", "#!/bin/sh\necho v20.11.1\n");
        folder.WriteProgram("only/java", "#!/bin/sh\necho 'openjdk version \"17.0.9\"' >&2\n");
        folder.WriteProgram("only/ruby", "#!/bin/sh\necho 'ruby: not installed' >&2; exit 127\n");
        folder.WriteProgram("only/nvidia-smi", "#!/bin/sh\nexit 9\n");
        folder.WriteProgram("only/else", "#!/bin/sh\n");
        var only = new ProgramProbe(folder["only"]);
        var labels = ToolLabels.Find(only);
        labels.ShouldBe(new Dictionary<string, string> { ["java"] = "", ["node"] = "", ["nvidia-smi"] = "", ["ruby"] = "" });
        await ToolLabels.AskVersionsAsync(only, labels, Cancel);

        labels.ShouldBe(new Dictionary<string, string> { ["java"] = "17.0.9", ["node"] = "20.11.1", ["nvidia-smi"] = "" });
    }

    [Fact]
    public async Task Python_tells_its_distributions_and_modules()
    {
        Assert.SkipWhen(new ProgramProbe("/usr/bin").Find("python3") is null, "needs /usr/bin/python3");
        folder.Write("site/demo_pkg-1.5.dist-info/METADATA", "Metadata-Version: 2.1\nName: Demo_Pkg\nVersion: 1.5\n");
        folder.Write("site/demo_pkg-1.5.dist-info/RECORD", "demo.py,,\ninner/__init__.py,,\n_hidden.py,,\ndemo_pkg-1.5.dist-info/METADATA,,\n");
        folder.WriteProgram("bin/python3", $"#!/bin/sh\nPYTHONPATH={folder["site"]} exec /usr/bin/python3 \"$@\"\n");
        var labels = await PythonLabels.ProbeAsync(probe, Cancel);

        labels["python:demo-pkg"].ShouldBe("1.5");
        labels["python:demo"].ShouldBe("1.5");
        labels["python:inner"].ShouldBe("1.5");
        labels.Keys.ShouldNotContain("python:_hidden");
        (await PythonLabels.ProbeAsync(new ProgramProbe(folder["more"]), Cancel)).ShouldBeEmpty();
    }

    private Task<string?> AskAsync(string script, params string[] arguments) =>
        probe.AskAsync("/bin/sh", ["-c", script, "program", .. arguments], Cancel);
}
