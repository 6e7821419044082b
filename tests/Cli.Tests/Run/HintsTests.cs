using AkkaCompute.Cli.Run;

namespace AkkaCompute.Cli.Tests.Run;

public sealed class HintsTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly Captured _captured = new();
    private readonly InputFiles _inputs = new();

    public void Dispose()
    {
        _captured.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("data.csv", "data.csv is a file here but is not sent; add -f data.csv")]
    [InlineData("sub/data.csv", "sub/data.csv is a file here but is not sent; add -f sub/data.csv")]
    [InlineData("nothing.csv", "")]
    [InlineData("--flag", "")]
    [InlineData("sub", "")]
    [InlineData("/etc/passwd", "")]
    public void An_argument_that_names_a_file_which_stays_here_gets_a_hint(string argument, string hint)
    {
        _folder.Write("data.csv");
        _folder.Write("sub/data.csv");

        Hints.FilesNotSent([argument, argument], _inputs);

        _captured.Notes.ShouldBe(hint.Length == 0 ? "" : $"→ {hint}\n");
    }

    [Fact]
    public void So_does_one_of_the_last_task()
    {
        _folder.Write("truth.csv");
        var order = new RunOrder(["true"], TaskCommand.OfNode(["true"]), _inputs, new(), new Dictionary<string, string>(), [], null, 0, null)
        {
            Combine = new CombineOrder(["merge", "--truth", "truth.csv"], TaskCommand.OfNode(["merge"])),
        };

        Hints.FilesNotSent(order.Arguments, order.Inputs);

        _captured.Notes.ShouldBe("→ truth.csv is a file here but is not sent; add -f truth.csv\n");
    }

    [Theory]
    [InlineData("data.csv")]
    [InlineData("./data.csv")]
    public void What_is_sent_under_that_name_needs_none(string argument)
    {
        _folder.Write("data.csv");
        _inputs.AddArgument("data.csv");

        Hints.FilesNotSent([argument], _inputs);

        _captured.Notes.ShouldBeEmpty();
    }

    [Fact]
    public void Nor_does_another_file_that_takes_its_place()
    {
        _folder.Write("data.csv");
        _folder.Write("small.csv");
        _inputs.AddArgument("small.csv:data.csv");

        Hints.FilesNotSent(["data.csv"], _inputs);

        _captured.Notes.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_sent_under_another_name_is_told()
    {
        _folder.Write("data.csv");
        _inputs.AddArgument("data.csv:in/x.csv");

        Hints.FilesNotSent(["data.csv"], _inputs);

        _captured.Notes.ShouldContain("data.csv is sent as in/x.csv");
    }

    [Theory]
    [InlineData("sibling", ".")]
    [InlineData("package", ".")]
    [InlineData("sibling.sub", ".")]
    public void A_missing_module_beside_the_script_is_to_be_sent(string module, string folder)
    {
        _folder.Write("main.py");
        _folder.Write("sibling.py");
        _folder.Write("package/__init__.py");

        Hints.MissingSibling(Traceback(module), _folder["main.py"], _inputs)!.ShouldContain($"--dir {folder}");
    }

    [Fact]
    public void The_hint_names_the_scripts_own_folder()
    {
        _folder.Write("project/main.py");
        _folder.Write("project/sibling.py");

        Hints.MissingSibling(Traceback("sibling"), _folder["project/main.py"], _inputs)!.ShouldEndWith("add --dir project");
    }

    [Fact]
    public void A_module_that_is_nowhere_or_was_sent_gets_no_hint()
    {
        _folder.Write("main.py");
        _folder.Write("sibling.py");
        _folder.Write("package/__init__.py");
        _inputs.AddArgument("sibling.py");
        _inputs.AddArgument("package");

        Hints.MissingSibling(Traceback("numpy"), _folder["main.py"], _inputs).ShouldBeNull();
        Hints.MissingSibling(Traceback("sibling"), _folder["main.py"], _inputs).ShouldBeNull();
        Hints.MissingSibling(Traceback("package.absent"), _folder["main.py"], _inputs).ShouldBeNull();
        Hints.MissingSibling("ImportError: cannot import name 'sibling'", _folder["main.py"], _inputs).ShouldBeNull();
        Hints.MissingSibling("", _folder["main.py"], _inputs).ShouldBeNull();
        Hints.MissingModule(Traceback("numpy")).ShouldBe("numpy");
    }

    private static string Traceback(string module) =>
        $"Traceback (most recent call last):\n  File \"main.py\", line 1, in <module>\nModuleNotFoundError: No module named '{module}'\n";
}
