using System.CommandLine;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Options;
using AkkaCompute.Lighthouse.Api;

namespace AkkaCompute.Cli.Tests.Options;

/// <summary>Options of <c>run</c> end where the task's own words begin.</summary>
public sealed class RunParsingTests
{
    [Theory]
    [InlineData("train.py -n 5", "train.py", "-n", "5")]
    [InlineData("s.py --help", "s.py", "--help")]
    [InlineData("s.py @list.txt", "s.py", "@list.txt")]
    [InlineData("@list.txt x", "@list.txt", "x")]
    [InlineData("s.py -- x --", "s.py", "--", "x", "--")]
    [InlineData("s.py --no-such-option", "s.py", "--no-such-option")]
    [InlineData("s.py --name=x", "s.py", "--name=x")]
    [InlineData("hostname", "--", "hostname")]
    [InlineData("--help x", "--", "--help", "x")]
    [InlineData("-- x", "--", "--", "x")]
    [InlineData("- x", "-", "x")]
    [InlineData(" x", "", "x")]
    [InlineData("echo run", "echo", "run")]
    [InlineData("peers", "peers")]
    [InlineData("s.py", "--json", "s.py")]
    [InlineData("true s.py", "--force", "true", "s.py")]
    [InlineData("s.py --force", "-d", "s.py", "--force")]
    public void Every_word_from_the_command_on_is_the_tasks(string words, params string[] typed)
    {
        var parsed = Run(typed);

        parsed.Errors.ShouldBeEmpty();
        string.Join(' ', parsed.GetValue<string[]>("SCRIPT|COMMAND [ARGS]")!).ShouldBe(words);
    }

    [Theory]
    [InlineData("--name", "x", "--name=x", "s.py")]
    [InlineData("--name", "a=b:c", "--name=a=b:c", "s.py")]
    [InlineData("--name", "two words", "--name", "two words", "s.py")]
    [InlineData("--dir", ".", "--dir", ".", "s.py")]
    [InlineData("--results", "@out", "--results", "@out", "s.py")]
    public void Options_before_it_are_akcs(string option, string value, params string[] typed)
    {
        var parsed = Run(typed);

        parsed.Errors.ShouldBeEmpty();
        parsed.GetValue<string>(option).ShouldBe(value);
        parsed.GetValue<string[]>("SCRIPT|COMMAND [ARGS]").ShouldBe([typed[^1]]);
    }

    [Theory]
    [InlineData("raj", "-n", "raj", "s.py")]
    [InlineData("raj", "-nraj", "s.py")]
    [InlineData("raj", "-n=raj", "s.py")]
    [InlineData("raj", "--node=raj", "s.py")]
    [InlineData("raj", "--on", "raj", "s.py")]
    [InlineData("raj", "--node", "raj", "--", "s.py")]
    [InlineData("raj mike", "-n", "raj", "--on", "mike", "s.py")]
    [InlineData("s.py", "-n", "s.py", "t.py")]
    [InlineData("-", "-n", "-", "s.py")]
    public void Nodes_are_named_one_by_one(string names, params string[] typed)
    {
        var parsed = Run(typed);

        parsed.Errors.ShouldBeEmpty();
        parsed.GetValue<string[]>("--node").ShouldBe(names.Split(' '));
        parsed.GetValue<string[]>("SCRIPT|COMMAND [ARGS]").ShouldBe([typed[^1]]);
    }

    [Theory]
    [InlineData(null, "s.py")]
    [InlineData(1, "--gpu", "s.py")]
    [InlineData(2, "--gpu=2", "s.py")]
    [InlineData(2, "--gpu:2", "s.py")]
    [InlineData(0, "--gpu=0", "s.py")]
    [InlineData(1, "--gpu", "--", "s.py")]
    [InlineData(1, "--gpu", "-n", "raj", "s.py")]
    public void Gpu_takes_a_number_only_after_an_equals_sign(int? gpus, params string[] typed)
    {
        var parsed = Run(typed);

        parsed.Errors.ShouldBeEmpty();
        parsed.GetValue<int?>("--gpu").ShouldBe(gpus);
        parsed.GetValue<string[]>("SCRIPT|COMMAND [ARGS]").ShouldBe(["s.py"]);
    }

    [Fact]
    public void A_number_after_gpu_is_a_command() => Run("--gpu", "2", "x").GetValue<string[]>("SCRIPT|COMMAND [ARGS]").ShouldBe(["2", "x"]);

    [Fact]
    public void Options_that_may_stand_often_keep_all_values()
    {
        var parsed = Run("-f", "a", "-fb:c", "--file=d", "--env", "K=V", "--env=L=a,b", "--env", "M", "--out", "*.txt", "--out", "x/*", "s.py", "-f", "e");

        parsed.Errors.ShouldBeEmpty();
        parsed.GetValue<string[]>("--file").ShouldBe(["a", "b:c", "d"]);
        parsed.GetValue<string[]>("--env").ShouldBe(["K=V", "L=a,b", "M"]);
        parsed.GetValue<string[]>("--out").ShouldBe(["*.txt", "x/*"]);
        parsed.GetValue<string[]>("SCRIPT|COMMAND [ARGS]").ShouldBe(["s.py", "-f", "e"]);
    }

    [Fact]
    public void Quantities_are_read()
    {
        var parsed = Run("--cores", "4", "--memory", "1.5GiB", "--timeout", "1h30m", "--retries", "3", "s.py");

        parsed.Errors.ShouldBeEmpty();
        parsed.GetValue<int?>("--cores").ShouldBe(4);
        parsed.GetValue<long?>("--memory").ShouldBe(3L << 29);
        parsed.GetValue<double?>("--timeout").ShouldBe(5400);
        parsed.GetValue<int?>("--retries").ShouldBe(3);
    }

    /// <summary>The parser's own limit is 1,000, and of more it says that one was expected.</summary>
    [Theory]
    [InlineData("--file", Opt.TimesMax)]
    [InlineData("--env", Opt.TimesMax)]
    [InlineData("--out", SubmitCheck.GlobsMax)]
    public void Options_may_stand_as_often_as_documented(string option, int max)
    {
        Repeated(option, max).Errors.ShouldBeEmpty();
        Repeated(option, max).GetValue<string[]>(option)!.Length.ShouldBe(max);

        UsageError.Describe(Repeated(option, max + 1)).ShouldBe($"{option} is given {max + 1} times, more than the {max} of one job; see 'akc run --help'");
        Repeated(option, 120_000).Errors.Count.ShouldBe(1);

        static ParseResult Repeated(string option, int times) => Run([.. Enumerable.Range(0, times).SelectMany(i => new[] { option, $"x{i}" }), "s.py"]);
    }

    [Theory]
    [InlineData("--memory is '65TiB': 64TiB is the most", "--memory", "65TiB")]
    [InlineData("--timeout is '367d': 366d is the most", "--timeout", "367d")]
    [InlineData("--timeout is '8785h': 366d is the most", "--timeout", "8785h")]
    [InlineData("--name has 101 characters: 100 are the most", "--name", "LONG")]
    [InlineData("--name is empty: an unset variable, perhaps", "--name", "")]
    [InlineData("--name has control signs: write one plain line", "--name", "a\nb")]
    public void What_the_Lighthouse_would_refuse_is_said_here_in_the_users_words(string complaint, string option, string value) =>
        UsageError.Describe(Run(option, value == "LONG" ? new string('x', 101) : value, "s.py")).ShouldBe(complaint + "; see 'akc run --help'");

    [Theory]
    [InlineData("--memory", "64TiB")]
    [InlineData("--timeout", "366d")]
    public void The_most_is_taken(string option, string value) => Run(option, value, "s.py").Errors.ShouldBeEmpty();

    [Theory]
    [InlineData("--no-such-option", "--no-such-option", "--", "true")]
    [InlineData("--no-such", "--no-such=1", "s.py")]
    [InlineData("-z", "-z", "s.py")]
    [InlineData("--version", "--version", "s.py")]
    [InlineData("--nodes", "--nodes", "raj", "s.py")]
    [InlineData("-5", "-5")]
    public void An_option_that_there_is_not_is_never_the_tasks(string named, params string[] typed)
    {
        var wrong = Should.Throw<AkcException>(() => Run(typed));

        wrong.ExitCode.ShouldBe(ExitCodes.Usage);
        wrong.Message.ShouldContain(named);
        wrong.Message.ShouldContain("akc run --help");
    }

    [Theory]
    [InlineData("-h")]
    [InlineData("--help")]
    [InlineData("--help", "s.py")]
    [InlineData("-n", "raj", "--help")]
    public void Help_before_the_command_is_akcs(params string[] typed) => Run(typed).Action.ShouldBeOfType<HelpAction>();

    [Theory]
    [InlineData("run")]
    [InlineData("ps")]
    public void Help_of_a_command_is_its_help(string command)
    {
        AllCommands.Parse(["help", command]).Action.ShouldBeOfType<HelpAction>();
        AllCommands.Parse(["help", command]).CommandResult.Command.Name.ShouldBe(command);
        AllCommands.Parse(["help"]).Action.ShouldBeOfType<HelpAction>();
    }

    [Fact]
    public void Other_commands_are_left_as_they_are()
    {
        AllCommands.Parse(["logs", "abc", "-f"]).GetValue<bool>("--follow").ShouldBeTrue();
        AllCommands.Parse(["fetch", "@abc", "out", "--force"]).GetValue<string>("JOB").ShouldBe("@abc");
        AllCommands.Parse(["join", "-"]).GetValue<string>("CODE|URL").ShouldBe("-");
    }

    private static ParseResult Run(params string[] typed) => AllCommands.Parse(["run", .. typed]);
}
