using System.Diagnostics;
using AkkaCompute.Cli.Run;

namespace AkkaCompute.Cli.Tests.Run;

public sealed class InputFilesTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly InputFiles _inputs = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.txt", "a.txt")]
    [InlineData("./a.txt", "a.txt")]
    [InlineData("sub/a.txt", "sub/a.txt")]
    [InlineData("sub//./a.txt", "sub/a.txt")]
    [InlineData("../a.txt", "a.txt")]
    [InlineData("sub/../a.txt", "a.txt")]
    [InlineData("/etc/hosts", "hosts")]
    [InlineData("sub/", "sub")]
    public void Relative_paths_are_kept_and_others_land_by_their_base_name(string path, string name) => InputFile.LandingName(path).ShouldBe(name);

    [Fact]
    public void A_directory_is_sent_whole_without_pycache()
    {
        _folder.Write("data/a.csv");
        _folder.Write("data/deep/er/b.csv");
        _folder.Write("data/.hidden");
        _folder.Write("data/__pycache__/a.pyc");

        _inputs.AddArgument("data");

        Names().ShouldBe(["data/.hidden", "data/a.csv", "data/deep/er/b.csv"]);
    }

    [Fact]
    public void A_name_that_is_not_UTF_8_is_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        _folder.Write("data/b.txt");
        _folder.Write("data/good\ufffd.txt");
        Shell("touch \"$(printf 'data/caf\\351')\"");
        try
        {
            Should.Throw<AkcException>(() => _inputs.AddArgument("data")).Message.ShouldEndWith("caf\ufffd has a name that is not UTF-8 and can't be sent: rename it");
        }
        finally
        {
            Shell("rm -r data"); // .NET finds no such file
        }

        static void Shell(string script)
        {
            using var shell = Process.Start("sh", ["-c", script]);
            shell.WaitForExit();
            shell.ExitCode.ShouldBe(0);
        }
    }

    [Fact]
    public void Names_can_be_chosen()
    {
        _folder.Write("a.txt");
        _folder.Write("data/b.txt");
        _folder.Write("data/c:d.txt");

        _inputs.AddArgument("a.txt:in/x.txt");
        _inputs.AddArgument("data/b.txt:./y.txt");
        _inputs.AddArgument("data/c:d.txt:z.txt"); // the last colon parts them

        Names().ShouldBe(["in/x.txt", "y.txt", "z.txt"]);
        _inputs.NameOf(_folder["a.txt"]).ShouldBe("in/x.txt");
        _inputs.NameOf(_folder["nothing"]).ShouldBeNull();
    }

    [Fact]
    public void A_directory_can_be_renamed_or_become_the_work_directory()
    {
        _folder.Write("data/b.txt");

        _inputs.AddArgument("data:other");
        _inputs.AddArgument("data:.");
        _inputs.AddContent("data");

        Names().ShouldBe(["b.txt", "other/b.txt"]);
    }

    [Fact]
    public void The_same_file_twice_is_one()
    {
        _folder.Write("sub/a.txt");

        _inputs.AddArgument("sub/a.txt");
        _inputs.AddArgument("sub");

        Names().ShouldBe(["sub/a.txt"]);
    }

    [Fact]
    public void Two_files_of_one_name_collide()
    {
        _folder.Write("a/data.csv");
        _folder.Write("b/data.csv");
        _inputs.AddArgument(_folder["a/data.csv"]);

        var message = Should.Throw<AkcException>(() => _inputs.AddArgument(_folder["b/data.csv"])).Message;

        message.ShouldContain(_folder["a/data.csv"]);
        message.ShouldContain(_folder["b/data.csv"]);
        message.ShouldContain("-f SRC:DST");
    }

    [Theory]
    [InlineData("x:in", "y:in/deep")]
    [InlineData("y:in/deep/er", "x:in/deep")]
    public void A_file_can_not_stand_where_another_needs_a_folder(string first, string second)
    {
        _folder.Write("x");
        _folder.Write("y");
        _inputs.AddArgument(first);
        _inputs.Check();
        _inputs.AddArgument(second);

        Should.Throw<AkcException>(_inputs.Check).Message.ShouldContain("a file and a folder");
    }

    [Fact]
    public void Names_that_sort_between_do_not_hide_that()
    {
        foreach (var name in new[] { "in", "in.txt", "in-2", "in/deep" })
        {
            _inputs.Add(_folder[_folder.Write(name.Replace('/', '_'))], name);
        }

        Should.Throw<AkcException>(_inputs.Check);
    }

    [Theory]
    [InlineData("x:../y")]
    [InlineData("x:/abs")]
    [InlineData("x:a/../../y")]
    [InlineData("x:in/")]
    [InlineData("x:.")]
    [InlineData("x:a\tb")]
    public void Names_that_leave_the_work_directory_are_refused(string argument)
    {
        _folder.Write("x");

        Should.Throw<AkcException>(() => _inputs.AddArgument(argument)).Message.ShouldContain("can't be sent as");

        Names().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("no.csv")]
    [InlineData("no.csv:x")]
    [InlineData("no.csv:")]
    [InlineData(":x")]
    [InlineData("")]
    public void What_is_not_here_is_said_so(string argument) => Should.Throw<AkcException>(() => _inputs.AddArgument(argument)).Message.ShouldContain("there is no file");

    [Fact]
    public void A_work_directory_must_be_one()
    {
        _folder.Write("x");

        Should.Throw<AkcException>(() => _inputs.AddContent("nowhere")).Message.ShouldContain("no directory nowhere");
        Should.Throw<AkcException>(() => _inputs.AddContent("x")).Message.ShouldContain("is a file");
    }

    [Fact]
    public void A_pipe_is_refused_and_not_opened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no fifos");
        Directory.CreateDirectory("data");
        using (var made = Process.Start("mkfifo", _folder["data/fifo"]))
        {
            made.WaitForExit();
        }

        Should.Throw<AkcException>(() => _inputs.AddArgument("data")).Message.ShouldContain("is a pipe or a device");
        Should.Throw<AkcException>(() => _inputs.AddArgument("data/fifo:x")).Message.ShouldContain("is a pipe or a device");
        Should.Throw<AkcException>(() => _inputs.AddArgument("/dev/zero")).Message.ShouldContain("is a pipe or a device");
    }

    [Fact]
    public void Links_to_files_are_sent_and_links_to_directories_are_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        using var captured = new Captured();
        _folder.Write("data/a.txt");
        File.CreateSymbolicLink("data/link.txt", "a.txt");
        Directory.CreateSymbolicLink("data/circle", "..");

        _inputs.AddArgument("data");

        Names().ShouldBe(["data/a.txt", "data/link.txt"]);
        captured.Notes.ShouldContain("data/circle is a link to a directory");
    }

    [Fact]
    public void A_link_that_leads_out_of_the_directory_is_named_and_not_sent()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        using var captured = new Captured();
        _folder.Write("secret.txt");
        _folder.Write("data/a.txt");
        File.CreateSymbolicLink("data/out.txt", "../secret.txt");
        Directory.CreateSymbolicLink("data/up", "..");
        File.CreateSymbolicLink("data/through.txt", "up/secret.txt"); // within it by its name alone

        _inputs.AddArgument("data");

        Names().ShouldBe(["data/a.txt"]);
        captured.Notes.ShouldContain("data/out.txt is a link to ");
        captured.Notes.ShouldContain("secret.txt, outside the directory, and is not sent: -f ");
        captured.Notes.ShouldContain("data/through.txt is a link to ");
        _inputs.AddArgument("data/out.txt"); // who names it means it
        Names().ShouldBe(["data/a.txt", "data/out.txt"]);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("broken")] // to itself
    public void A_link_that_leads_nowhere_is_named_and_not_sent(string target)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        using var captured = new Captured();
        _folder.Write("data/a.txt");
        File.CreateSymbolicLink("data/broken", target);

        _inputs.AddArgument("data");

        Names().ShouldBe(["data/a.txt"]);
        captured.Notes.ShouldContain("data/broken is a link");
        Should.Throw<AkcException>(() => _inputs.AddArgument("data/broken")).Message.ShouldContain("data/broken is a link that leads nowhere");
    }

    [Fact]
    public void A_directory_that_can_not_be_read_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "nothing is closed to root, and Windows has no modes");
        _folder.Write("data/closed/a.txt");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode("data/closed", UnixFileMode.None);
            Should.Throw<AkcException>(() => _inputs.AddArgument("data")).Message.ShouldContain("data/closed can't be read");
            File.SetUnixFileMode("data/closed", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private IEnumerable<string> Names() => _inputs.All.Select(file => file.Name);
}
