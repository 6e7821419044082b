using AkkaCompute.Cli.Run;

namespace AkkaCompute.Cli.Tests.Run;

public sealed class TaskCommandTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("s.py", "python3")]
    [InlineData("s.sh", "sh")]
    [InlineData("s.js", "node")]
    [InlineData("s.R", "Rscript")]
    public void A_script_runs_with_the_interpreter_of_its_extension(string name, string interpreter)
    {
        _folder.Write(name);

        var command = Choose(name, "-n", "5");

        command.Words.ShouldBe([interpreter, name, "-n", "5"]);
        command.Needs.ShouldBe([interpreter]);
        command.Script.ShouldBe(_folder[name]);
        command.ScriptName.ShouldBe(name);
        command.IsPython.ShouldBe(interpreter == "python3");
    }

    [Fact]
    public void A_word_that_is_no_file_is_a_command_of_the_node()
    {
        var command = Choose("hostname", "-f");

        command.Words.ShouldBe(["hostname", "-f"]);
        command.Script.ShouldBeNull();
        command.Needs.ShouldBeEmpty();
    }

    [Fact]
    public void A_command_that_not_every_node_has_is_a_need()
    {
        Choose("ffmpeg", "-i", "a.mp4").Needs.ShouldBe(["ffmpeg"]);
        Choose("python3", "-c", "1").Needs.ShouldBe(["python3"]);
    }

    [Theory]
    [InlineData("train.py")]
    [InlineData("./train")]
    [InlineData("sub/train")]
    [InlineData("/no/such/train")]
    public void A_script_that_is_not_here_is_an_error(string word) =>
        Should.Throw<AkcException>(() => Choose(word)).Message.ShouldBe($"there is no script {word} here");

    [Theory]
    [InlineData("./sub")]
    [InlineData("sub/")]
    [InlineData("sub.py")]
    public void A_directory_is_no_script(string word)
    {
        _folder.Write("sub/x");
        _folder.Write("sub.py/x");

        Should.Throw<AkcException>(() => Choose(word)).Message.ShouldContain("is a directory");
    }

    [Fact]
    public void An_executable_runs_by_itself()
    {
        _folder.Write("bin/tool", "\u007fELF", executable: true);

        var command = Choose("bin/tool", "x");

        command.Words.ShouldBe(["./bin/tool", "x"]);
        command.Needs.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("#!/usr/bin/env python3\nprint(1)", "python3")]
    [InlineData("#!/bin/bash\n", "bash")]
    [InlineData("#! /usr/bin/perl -w\n", "perl")]
    [InlineData("#!/bin/sh", "sh")]
    [InlineData("#!/usr/bin/env python3\r\n", "python3")]
    [InlineData("#!/opt/own/interpreter\n", null)]
    [InlineData("#!", null)]
    [InlineData("", null)]
    public void An_executable_needs_the_tool_of_its_first_line(string content, string? tool)
    {
        _folder.Write("tool", content, executable: true);

        Choose("./tool").Needs.ShouldBe(tool is null ? [] : [tool]);
    }

    [Fact]
    public void A_file_that_is_not_executable_needs_an_interpreter()
    {
        _folder.Write("notes.txt");

        Should.Throw<AkcException>(() => Choose("./notes.txt")).Message.ShouldContain("chmod +x ./notes.txt");
    }

    /// <summary>Without a path it can as well be a command of the same name.</summary>
    [Fact]
    public void A_plain_word_beside_a_file_that_can_not_run_is_a_command()
    {
        _folder.Write("make");

        Choose("make").Script.ShouldBeNull();
    }

    [Theory]
    [InlineData("/bin/sh")]
    [InlineData("/usr/bin/env")]
    [InlineData("/usr/bin/no-such-program-here")]
    public void A_program_of_the_system_is_the_nodes_own(string path)
    {
        var command = Choose(path, "x");

        command.Words.ShouldBe([path, "x"]);
        command.Script.ShouldBeNull();
    }

    [Theory]
    [InlineData("project/sub/main.py", "sub/main.py")] // as seen from here
    [InlineData("sub/main.py", "sub/main.py")] // as seen from the work directory
    [InlineData("./project/sub/main.py", "sub/main.py")]
    public void With_a_work_directory_a_script_in_it_is_named_by_its_place_there(string word, string name)
    {
        _folder.Write("project/sub/main.py");

        var command = TaskCommand.Choose([word], "project");

        command.Words.ShouldBe(["python3", name]);
        command.Script.ShouldBe(_folder["project/sub/main.py"]);
        command.ScriptName.ShouldBe(name);
    }

    [Fact]
    public void With_a_work_directory_a_script_beside_it_is_sent_too()
    {
        _folder.Write("project/data.csv");
        _folder.Write("main.py");

        TaskCommand.Choose(["main.py"], "project").Script.ShouldBe(_folder["main.py"]);
        Should.Throw<AkcException>(() => TaskCommand.Choose(["other.py"], "project"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(".")]
    public void An_empty_word_is_an_error(string? folder) => Should.Throw<AkcException>(() => TaskCommand.Choose([""], folder)).ExitCode.ShouldBe(ExitCodes.Usage);

    [Fact]
    public void A_script_elsewhere_lands_by_its_base_name()
    {
        _folder.Write("here/x");
        _folder.Write("there/s.py");

        Choose(_folder["there/s.py"]).Words.ShouldBe(["python3", "s.py"]);
    }

    private static TaskCommand Choose(params string[] words) => TaskCommand.Choose(words, null);
}
