using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Options;

namespace AkkaCompute.Cli.Tests.Options;

/// <summary>The command line says it, else the environment, else <c>config.json</c>, else it has a default.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly Variable _home;

    public SettingsTests() => _home = new Variable("AKC_HOME", _folder.Path);

    public void Dispose()
    {
        _home.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_flag_wins_over_the_environment_and_that_over_the_file()
    {
        Timeout("run", "s.py").ShouldBeNull();

        Configure("""{ "run.timeout": "5m" }""");
        Timeout("run", "s.py").ShouldBe(300);

        using var environment = new Variable("AKC_RUN_TIMEOUT", "2h");
        Timeout("run", "s.py").ShouldBe(7200);
        Timeout("run", "--timeout", "9s", "s.py").ShouldBe(9);
    }

    [Fact]
    public void An_empty_variable_is_none()
    {
        Configure("""{ "name": "raj-pc" }""");
        using var environment = new Variable("AKC_NAME", "");

        Settings.Find("name")!.Value.Value.ShouldBe("raj-pc");
    }

    [Fact]
    public void Every_kind_of_option_takes_its_value_from_there()
    {
        Configure("""
            {
              // of this machine
              "name": "raj-pc", "cores": 3, "memory": "2GiB", "gpus": "0", "sandbox": "plain", "trust-guests": true, "user": "raj",
            }
            """);

        var parsed = AllCommands.Parse(["join"]);

        parsed.Errors.ShouldBeEmpty();
        parsed.GetValue<string>("--name").ShouldBe("raj-pc");
        parsed.GetValue<int?>("--cores").ShouldBe(3);
        parsed.GetValue<long?>("--memory").ShouldBe(2L << 30);
        parsed.GetValue<int?>("--gpus").ShouldBe(0);
        parsed.GetValue<string>("--sandbox").ShouldBe("plain");
        parsed.GetValue<bool>("--trust-guests").ShouldBeTrue();
        parsed.GetValue<string>("--user").ShouldBe("raj");
    }

    [Fact]
    public void A_key_that_there_is_not_is_told()
    {
        using var captured = new Captured();
        Configure("""{ "run.timout": "5m", "cores": 3 }""");

        AllCommands.Parse(["run", "s.py"]).Errors.ShouldBeEmpty();

        captured.Notes.ShouldContain("has 'run.timout', which says nothing (did you mean 'run.timeout'?)");
        captured.Notes.Count(c => c == '\n').ShouldBe(1);
    }

    [Fact]
    public void Settings_of_run_are_apart_from_the_machines()
    {
        Configure("""{ "cores": 3, "run.cores": 2 }""");

        AllCommands.Parse(["run", "s.py"]).GetValue<int?>("--cores").ShouldBe(2);
        AllCommands.Parse(["up"]).GetValue<int?>("--cores").ShouldBe(3);
    }

    [Theory]
    [InlineData("yes", true)]
    [InlineData("ON", true)]
    [InlineData("1", true)]
    [InlineData("false", false)]
    [InlineData("off", false)]
    public void Yes_and_no_are_read(string text, bool value)
    {
        using var environment = new Variable("AKC_TRUST_GUESTS", text);

        AllCommands.Parse(["up"]).GetValue<bool>("--trust-guests").ShouldBe(value);
    }

    [Theory]
    [InlineData("AKC_RUN_CORES", "many", "AKC_RUN_CORES is 'many': write a whole number from 1 to 1024")]
    [InlineData("AKC_RUN_MEMORY", "-1", "AKC_RUN_MEMORY is '-1': write a size such as")]
    [InlineData("AKC_RUN_TIMEOUT", "soon", "AKC_RUN_TIMEOUT is 'soon': write a time such as")]
    public async Task What_can_not_be_read_in_the_environment_is_an_error_that_names_it(string name, string value, string message)
    {
        using var captured = new Captured();
        using var environment = new Variable(name, value);

        (await Program.Main(["run", "s.py"])).ShouldBe(ExitCodes.Usage);

        captured.Notes.ShouldContain(message);
    }

    [Theory]
    [InlineData("""{ "run.cores": "many" }""", "\"run.cores\" in")]
    [InlineData("""{ "run.cores": [1] }""", "\"run.cores\" in")]
    [InlineData("""{ "run.cores": 0 }""", "\"run.cores\" in")]
    [InlineData("""{ "run.cores": """, "can't be read as a JSON object")]
    [InlineData("""[ 1 ]""", "can't be read as a JSON object")]
    [InlineData("", "can't be read as a JSON object")]
    public async Task What_can_not_be_read_in_the_file_is_an_error_that_names_it(string content, string message)
    {
        using var captured = new Captured();
        Configure(content);

        (await Program.Main(["run", "s.py"])).ShouldBe(ExitCodes.Usage);

        captured.Notes.ShouldContain(message);
        captured.Notes.ShouldContain(Path.Combine(Environment.GetEnvironmentVariable("AKC_HOME")!, "config.json"));
        captured.Notes.Count(c => c == '\n').ShouldBe(1);
    }

    /// <summary>A home's configuration is read once.</summary>
    private void Configure(string content)
    {
        _folder.Write("other/config.json", content);
        Environment.SetEnvironmentVariable("AKC_HOME", _folder["other"]);
    }

    private static double? Timeout(params string[] typed) => AllCommands.Parse(typed).GetValue<double?>("--timeout");
}
