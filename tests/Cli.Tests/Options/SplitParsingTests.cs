using System.CommandLine;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Options;

namespace AkkaCompute.Cli.Tests.Options;

/// <summary>Where the words of <c>array</c> and <c>map</c> end and those of their tasks begin.</summary>
public sealed class SplitParsingTests
{
    private const string MapWords = "FILES... -- COMMAND [ARGS]";

    [Theory]
    [InlineData(10, "echo hi", "10", "--", "echo", "hi")]
    [InlineData(10, "echo hi", "10", "echo", "hi")]
    [InlineData(10, "echo -- hi", "10", "echo", "--", "hi")]
    [InlineData(10, "echo --cores 2", "10", "echo", "--cores", "2")]
    [InlineData(10, "echo", "--cores", "2", "10", "--", "echo")]
    [InlineData(10, "echo", "10", "--cores", "2", "echo")]
    [InlineData(10, "-x", "10", "--", "-x")]
    [InlineData(10, "5", "10", "5")]
    [InlineData(10, "s.py", "-d", "10", "--gpu", "s.py")]
    [InlineData(10, "echo", "--", "10", "echo")]
    [InlineData(10_000_000, "true", "10000000", "true")]
    public void The_word_behind_the_count_that_is_no_option_begins_the_command(int count, string words, params string[] typed)
    {
        var parsed = Parse("array", typed);

        parsed.Errors.ShouldBeEmpty();
        parsed.GetValue<int>("N").ShouldBe(count);
        string.Join(' ', parsed.GetValue<string[]>("SCRIPT|COMMAND [ARGS]")!).ShouldBe(words);
    }

    [Theory]
    [InlineData("0", "N is '0'")]
    [InlineData("10000001", "N is '10000001'")]
    [InlineData("-3", "N is '-3'")]
    [InlineData("train.py", "N is 'train.py'")]
    [InlineData("1.5", "N is '1.5'")]
    public void A_count_is_a_whole_number(string typed, string says) =>
        UsageError.Describe(Parse("array", typed, "true")).ShouldContain(says);

    [Fact]
    public void What_is_missing_is_named()
    {
        UsageError.Describe(Parse("array")).ShouldContain("'array' needs N");
        UsageError.Describe(Parse("array", "3")).ShouldContain("'array' needs SCRIPT|COMMAND");
    }

    [Theory]
    [InlineData("a.jpg b.jpg -- convert {} x", "a.jpg", "b.jpg", "--", "convert", "{}", "x")]
    [InlineData("a.jpg -- echo -- x", "a.jpg", "--", "echo", "--", "x")]
    [InlineData("a b ::: 1 2 -- echo", "a", "--cores", "2", "b", ":::", "1", "2", "--retries=0", "--", "echo")]
    [InlineData("-1 -0.5 -.5 -- echo", "-1", "-0.5", "-.5", "--", "echo")]
    [InlineData("a -- echo --retries 5", "a", "--", "echo", "--retries", "5")]
    [InlineData("-- echo {start}", "--range", "-5..5", "--", "echo", "{start}")]
    [InlineData("-- echo", "-a", "-", "--", "echo")]
    [InlineData("@x - -- echo", "@x", "-", "--", "echo")]
    public void Words_of_map_go_to_the_mark(string words, params string[] typed)
    {
        var parsed = Parse("map", typed);

        parsed.Errors.ShouldBeEmpty();
        string.Join(' ', parsed.GetValue<string[]>(MapWords)!).ShouldBe(words);
    }

    [Fact]
    public void Options_of_map_stand_anywhere_before_the_mark()
    {
        var parsed = Parse("map", "a", "-f", "x", "-a", "l1", "b", "-a", "l2", "--chunk", "7", "--keep-going", "--max", "3", "--detach", "--", "echo", "--json");

        parsed.GetValue<string[]>("--file").ShouldBe(["x"]);
        parsed.GetValue<string[]>("--arg-file").ShouldBe(["l1", "l2"]);
        parsed.GetValue<string>("--chunk").ShouldBe("7");
        parsed.GetValue<bool>("--keep-going").ShouldBeTrue();
        parsed.GetValue<int?>("--max").ShouldBe(3);
        parsed.GetValue<bool>("--detach").ShouldBeTrue();
        parsed.GetValue<bool>("--json").ShouldBeFalse();
        parsed.GetValue<string[]>(MapWords).ShouldBe(["a", "b", "--", "echo", "--json"]);
    }

    [Theory]
    [InlineData("needs '--'", "a.jpg", "convert", "{}")]
    [InlineData("needs '--'")]
    [InlineData("no option '--frob'", "a.jpg", "--frob", "--", "echo")]
    public void A_command_line_of_map_that_could_mean_two_things_is_refused(string says, params string[] typed)
    {
        var wrong = Should.Throw<AkcException>(() => Parse("map", typed));

        wrong.ExitCode.ShouldBe(ExitCodes.Usage);
        wrong.Message.ShouldContain(says);
        wrong.Message.ShouldContain("akc map --help");
    }

    [Theory]
    [InlineData("map", "--help")]
    [InlineData("map", "a", "-h")]
    [InlineData("array", "--help")]
    [InlineData("array", "5", "--help")]
    public void Help_before_the_command_is_akcs(string command, params string[] typed) => Parse(command, typed).Action.ShouldBeOfType<HelpAction>();

    [Theory]
    [InlineData("choose one", "a", "--range", "1..3", "--", "echo", "{}")]
    [InlineData("choose one", "--rows", "x.csv", "--range", "1..3", "--", "echo", "{}")]
    [InlineData("choose one", "-a", "list", "--rows", "x.csv", "--", "echo", "{}")]
    [InlineData("--chunk is of", "a", "--chunk", "3", "--", "echo")]
    [InlineData("--chunk is 'x'", "--range", "1..3", "--chunk", "x", "--", "echo", "{}")]
    [InlineData("--chunk is '0'", "--range", "1..3", "--chunk", "0", "--", "echo", "{}")]
    [InlineData("--format is of", "a", "--format", "csv", "--", "echo")]
    [InlineData("--format is 'xml'", "--rows", "x.csv", "--format", "xml", "--", "echo")]
    [InlineData("neither {start} nor {end}", "--range", "1..3", "--", "echo", "{#}")]
    [InlineData("command is missing", "a", "--")]
    public async Task What_does_not_go_together_is_said_before_anything_is_sent(string says, params string[] typed)
    {
        var wrong = await Should.ThrowAsync<AkcException>(() => Parse("map", typed).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));

        wrong.ExitCode.ShouldBe(ExitCodes.Usage);
        wrong.Message.ShouldContain(says);
    }

    private static ParseResult Parse(string command, params string[] typed) => AllCommands.Parse([command, .. typed]);
}
