using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.ComputeNode.Work;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Tests.Work;

public sealed class TaskEnvironmentTests
{
    private static readonly StartAttempt Start = new("j1", new AttemptRef(4, 2), null, null, 10, new Resources(3, 1024, 0));

    [Fact]
    public void Of_the_nodes_own_variables_only_language_terminal_and_time_zone_come_in()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows needs some more");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "secret");
        Environment.SetEnvironmentVariable("LD_PRELOAD_OF_OWNER", "secret");
        Environment.SetEnvironmentVariable("LC_PAPER", "de_DE");
        Environment.SetEnvironmentVariable("LANGUAGE", "de");
        var names = Of([]).Keys;

        names.Where(n => n is not ("LANG" or "LANGUAGE" or "TZ" or "TERM") && !n.StartsWith("LC_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .ShouldBe(["AKC_ATTEMPT", "AKC_CORES", "AKC_JOB_ID", "AKC_NODE", "AKC_TASK_COUNT", "AKC_TASK_INDEX", "HOME", "PATH", "PYTHONUNBUFFERED", "TMPDIR"]);
        Of([])["LC_PAPER"].ShouldBe("de_DE");
        Of([])["LANGUAGE"].ShouldBe("de");
    }

    [Fact]
    public void A_task_knows_who_it_is_and_where()
    {
        var environment = Of([]);
        (environment["AKC_JOB_ID"], environment["AKC_TASK_INDEX"], environment["AKC_TASK_COUNT"]).ShouldBe(("j1", "4", "10"));
        (environment["AKC_ATTEMPT"], environment["AKC_NODE"], environment["AKC_CORES"]).ShouldBe(("2", "mike", "3"));
        (environment["PATH"], environment["HOME"], environment["TMPDIR"]).ShouldBe(("/bin:/usr/bin", "/w/1", "/w/1"));
    }

    [Fact]
    public void In_a_sandbox_the_temporary_folder_is_not_the_work_directory()
    {
        var environment = Of([], SandboxChoice.WorkFolderInside);
        (environment["HOME"], environment["TMPDIR"]).ShouldBe(("/tmp/work", "/tmp"));
    }

    [Fact]
    public void A_job_sets_what_it_wants_but_not_who_it_is()
    {
        var environment = Of(new() { ["GREETING"] = "a=b\nc", ["PATH"] = "/opt", ["PYTHONUNBUFFERED"] = "", ["AKC_TASK_INDEX"] = "99" });
        (environment["GREETING"], environment["PATH"], environment["PYTHONUNBUFFERED"]).ShouldBe(("a=b\nc", "/opt", ""));
        environment["AKC_TASK_INDEX"].ShouldBe("4");
    }

    [Fact]
    public void A_built_in_task_is_told_where_its_runtime_lies_and_others_are_not()
    {
        Of([], builtIn: "mandelbrot")["DOTNET_ROOT"].ShouldBe("/usr/share/dotnet");
        Of([]).Keys.ShouldNotContain("DOTNET_ROOT");
    }

    private static Dictionary<string, string> Of(Dictionary<string, string> set, string folder = "/w/1", string? builtIn = null) =>
        TaskEnvironment.Of(Start, new TaskTemplate(["true"], null, set, [], null, builtIn), "/bin:/usr/bin", folder, "mike", "/usr/share/dotnet")
            .Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
}
