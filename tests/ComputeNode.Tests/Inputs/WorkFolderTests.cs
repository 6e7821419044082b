using System.Diagnostics;
using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.ComputeNode.Tests.Link;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.ComputeNode.Tests.Inputs;

/// <summary>What an attempt finds in its directory, and what of it is sent back.</summary>
public sealed class WorkFolderTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly TempFolder cacheFolder = new();
    private readonly MemoryLighthouse lighthouse = new();
    private readonly BlobCache cache;
    private readonly WorkFolder work;
    private readonly LeftOut leftOut = new();

    public WorkFolderTests()
    {
        cache = new BlobCache(cacheFolder.Path, lighthouse);
        work = new WorkFolder(folder.Path);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        folder.Dispose();
        cacheFolder.Dispose();
    }

    [Fact]
    public async Task Inputs_lie_where_the_tree_says_of_all_their_blobs_and_executable_where_it_says()
    {
        var large = new TreeFile("data/all.bin", 6, false, [lighthouse.Keep("abc"), lighthouse.Keep("def")]);
        var program = new TreeFile("run.sh", 4, true, [lighthouse.Keep("true")]);
        var empty = new TreeFile("empty", 0, false, []);
        await FillAsync(lighthouse.Keep(new Tree([large, program, empty]).ToBytes()));

        File.ReadAllText(folder["data/all.bin"]).ShouldBe("abcdef");
        File.ReadAllText(folder["empty"]).ShouldBe("");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(folder["run.sh"]).HasFlag(UnixFileMode.UserExecute).ShouldBeTrue();
            File.GetUnixFileMode(folder["data/all.bin"]).HasFlag(UnixFileMode.UserExecute).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task What_a_guest_writes_into_an_input_does_not_reach_the_cache()
    {
        var tree = lighthouse.KeepTree(("a.txt", "clean"));
        await FillAsync(tree);
        File.AppendAllText(folder["a.txt"], " dirty");
        (await cache.ReadAsync(Digest.Of("clean"u8), Cancel)).ShouldBe("clean"u8.ToArray());
    }

    [Fact]
    public async Task New_and_changed_files_are_results_and_untouched_inputs_are_not()
    {
        await FillAsync(lighthouse.KeepTree(("same.txt", "same"), ("longer.txt", "a"), ("rewritten.txt", "abc"), ("sub/same.txt", "s")));
        folder.Write("longer.txt", "ab");
        folder.Write("rewritten.txt", "xyz");
        File.SetLastWriteTimeUtc(folder["rewritten.txt"], DateTime.UtcNow.AddSeconds(1)); // a clock of coarse ticks
        folder.Write("sub/new.txt", "");
        folder.Write(".hidden", "");
        Directory.CreateDirectory(folder["empty"]);

        Results().ShouldBe([".hidden", "longer.txt", "rewritten.txt", "sub/new.txt"]);
        leftOut.Line.ShouldBeNull();
    }

    [Fact]
    public void Only_what_a_pattern_names_is_a_result()
    {
        folder.Write("a.png", "");
        folder.Write("sub/b.png", "");
        folder.Write("log.txt", "");
        Results("*.png").ShouldBe(["a.png", "sub/b.png"]);
    }

    [Fact]
    public void What_Python_compiled_is_left_out_and_not_worth_a_word()
    {
        folder.Write("__pycache__/a.pyc", "");
        folder.Write("lib/__pycache__/deep/b.pyc", "");
        folder.Write("lib/__pycache__.txt", "");
        Results().ShouldBe(["lib/__pycache__.txt"]);
        leftOut.Line.ShouldBeNull();
    }

    [Fact]
    public void Links_and_fifos_are_left_out_and_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        using var elsewhere = new TempFolder();
        elsewhere.Write("secret", "of the owner");
        File.CreateSymbolicLink(folder["link"], elsewhere["secret"]);
        File.CreateSymbolicLink(folder["broken"], "/no/such/file");
        Directory.CreateSymbolicLink(folder["sub"], elsewhere.Path);
        using (var make = Process.Start("mkfifo", [folder["pipe"]]))
        {
            make.WaitForExit();
        }

        folder.Write("plain", "");

        Results().ShouldBe(["plain"]);
        leftOut.Line!.ShouldStartWith("4 files are not sent back: ");
        foreach (var named in new[] { "broken (a link)", "link (a link)", "pipe (no regular file)", "sub (a link)" })
        {
            leftOut.Line.ShouldContain(named);
        }
    }

    [Fact]
    public void Names_that_Windows_has_not_are_sent()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        folder.Write("log-20:19:25.csv", "");
        folder.Write("back\\slash", "");
        folder.Write("a:b/con", "");
        Results().ShouldBe(["a:b/con", "back\\slash", "log-20:19:25.csv"]);
        leftOut.Line.ShouldBeNull();
    }

    [Fact]
    public void Names_that_no_tree_may_hold_are_left_out_and_named_harmlessly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        folder.Write("new\nline", "");
        Directory.CreateDirectory(folder["odd\u001bfolder"]);
        folder.Write("odd\u001bfolder/inside", "");
        Results().ShouldBeEmpty();
        leftOut.Line!.ShouldStartWith("2 files are not sent back: ");
        leftOut.Line.ShouldContain("new?line (a control sign is in its name)");
        leftOut.Line.ShouldContain("odd?folder (a control sign is in its name)");
    }

    [Fact]
    public void Names_that_are_not_UTF_8_are_left_out_and_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        folder.Write("caf\ufffd", ""); // a name as good as any
        using (var make = Process.Start("sh", ["-c", "cd \"$0\"; mkdir \"$(printf 'dir\\377')\"; touch \"$(printf 'caf\\351')\" \"$(printf 'bad\\377')\"", folder.Path]))
        {
            make.WaitForExit();
        }

        Results().ShouldBe(["caf\ufffd"]);
        leftOut.Line!.ShouldStartWith("3 files are not sent back: ");
        leftOut.Line.ShouldContain("bad\ufffd (its name is not UTF-8)");
        leftOut.Line.ShouldContain("caf\ufffd (its name is not UTF-8)");
        leftOut.Line.ShouldContain("dir\ufffd (its name is not UTF-8)");
        WorkFolder.Delete(folder.Path).ShouldBeTrue(); // .NET alone can't
        Directory.CreateDirectory(folder.Path);
    }

    [Fact]
    public void What_no_pattern_names_is_not_told_of()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        File.CreateSymbolicLink(folder["link"], "/no/such/file");
        File.CreateSymbolicLink(folder["link.png"], "/no/such/file");
        folder.Write("new\nline", "");
        Results("*.png").ShouldBeEmpty();
        leftOut.Line.ShouldBe("1 file is not sent back: link.png (a link)");
    }

    [Fact]
    public void Many_that_are_left_out_are_counted_and_some_named()
    {
        var many = new LeftOut();
        for (var i = 0; i < 1000; i++)
        {
            many.Add($"{i}", LeftOut.Closed);
        }

        many.Line.ShouldBe("1000 files are not sent back: 0 (it can't be read), 1 (it can't be read), 2 (it can't be read), 3 (it can't be read), 4 (it can't be read) and 995 more");
    }

    [Fact]
    public void What_a_guest_closed_is_read_all_the_same()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        folder.Write("sub/a.txt", "a");
        TempFolder.SetMode(folder["sub/a.txt"], UnixFileMode.None);
        TempFolder.SetMode(folder["sub"], UnixFileMode.None);
        var found = work.Results([], leftOut);

        File.ReadAllText(found.ShouldHaveSingleItem().File.FullName).ShouldBe("a");
        WorkFolder.Delete(folder["sub"]).ShouldBeTrue();
    }

    [Theory]
    [InlineData("../up.txt")]
    [InlineData("/etc/up.txt")]
    [InlineData("a/../../up.txt")]
    public async Task An_input_that_would_leave_the_directory_fills_nothing(string name)
    {
        var digest = lighthouse.Keep(new Tree([new TreeFile("ok", 0, false, []), new TreeFile(name, 0, false, [])]).ToBytes());
        await Should.ThrowAsync<FormatException>(FillAsync(digest));
        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_input_that_is_larger_than_its_list_says_is_not_taken()
    {
        var digest = lighthouse.Keep(new Tree([new TreeFile("a", 2, false, [lighthouse.Keep("abc")])]).ToBytes());

        (await Should.ThrowAsync<IOException>(FillAsync(digest))).Message.ShouldContain("a is larger than the list of inputs says");
    }

    private Task FillAsync(string digest) => work.FillAsync(digest, cache, Cancel);

    private List<string> Results(params string[] globs) => [.. work.Results(globs, leftOut).Select(r => r.Name)];
}
