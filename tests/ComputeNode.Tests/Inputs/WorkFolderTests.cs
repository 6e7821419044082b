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
    private readonly List<string> skipped = [];

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
        skipped.ShouldBeEmpty();
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
        skipped.ShouldBeEmpty();
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
        skipped.Order(StringComparer.Ordinal).ShouldBe(["broken", "link", "pipe", "sub"]);
    }

    [Fact]
    public void Names_that_no_tree_may_hold_are_left_out_and_named_harmlessly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        folder.Write("new\nline", "");
        folder.Write("back\\slash", "");
        Results().ShouldBeEmpty();
        skipped.Order(StringComparer.Ordinal).ShouldBe(["back\\slash", "new?line"]);
    }

    [Fact]
    public void What_a_guest_closed_is_read_all_the_same()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        folder.Write("sub/a.txt", "a");
        TempFolder.SetMode(folder["sub/a.txt"], UnixFileMode.None);
        TempFolder.SetMode(folder["sub"], UnixFileMode.None);
        var found = work.Results([], skipped);

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

    private List<string> Results(params string[] globs) => [.. work.Results(globs, skipped).Select(r => r.Name)];
}
