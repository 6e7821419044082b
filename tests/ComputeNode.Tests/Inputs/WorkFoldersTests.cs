using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.ComputeNode.Tests.Link;

namespace AkkaCompute.ComputeNode.Tests.Inputs;

/// <summary>Directories that come back, and how they are taken away.</summary>
public sealed class WorkFoldersTests : IDisposable
{
    private readonly TempFolder root = new();
    private readonly List<string> log = [];
    private readonly WorkFolders folders;

    public WorkFoldersTests() => folders = new WorkFolders(root.Path, log.Add);

    public void Dispose() => root.Dispose();

    [Fact]
    public void Each_attempt_has_one_of_its_own_for_nobody_else()
    {
        var (one, two) = (folders.Take(), folders.Take());
        one.Path.ShouldNotBe(two.Path);
        Directory.Exists(one.Path).ShouldBeTrue();
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(one.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void One_that_is_as_empty_as_it_was_made_serves_again()
    {
        var first = folders.Take();
        folders.GiveBack(first);
        folders.Take().Path.ShouldBe(first.Path);
        folders.Take().Path.ShouldNotBe(first.Path); // but not two at once
    }

    [Fact]
    public void One_with_something_in_it_is_deleted()
    {
        var first = folders.Take();
        Directory.CreateDirectory(Path.Combine(first.Path, "sub"));
        File.WriteAllText(Path.Combine(first.Path, "sub", "file"), "left");
        folders.GiveBack(first);

        Directory.Exists(first.Path).ShouldBeFalse();
        folders.Take().Path.ShouldNotBe(first.Path);
    }

    [Fact]
    public async Task One_that_was_filled_does_not_serve_again_although_its_task_emptied_it()
    {
        var lighthouse = new MemoryLighthouse();
        var first = folders.Take();
        await first.FillAsync(lighthouse.KeepTree(("a", "a")), new BlobCache(root["cache"], lighthouse), TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(first.Path, "a"));
        folders.GiveBack(first);
        Directory.Exists(first.Path).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0b111_111_111)]
    [InlineData(0b101_000_000)]
    [InlineData(0)]
    public void One_with_another_mode_is_deleted(int mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        var first = folders.Take();
        TempFolder.SetMode(first.Path, (UnixFileMode)mode);
        folders.GiveBack(first);
        Directory.Exists(first.Path).ShouldBeFalse();
        folders.Take().Path.ShouldNotBe(first.Path);
    }

    [Fact]
    public void One_that_its_task_removed_does_not_serve_again()
    {
        var first = folders.Take();
        Directory.Delete(first.Path);
        folders.GiveBack(first);
        Directory.Exists(folders.Take().Path).ShouldBeTrue();
    }

    [Fact]
    public void One_that_its_task_replaced_by_a_link_takes_nothing_else_along()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        using var elsewhere = new TempFolder();
        elsewhere.Write("keep", "the owner's");
        var (first, second) = (folders.Take(), folders.Take());
        Directory.CreateDirectory(elsewhere["empty"]);
        foreach (var (folder, target) in new[] { (first, elsewhere.Path), (second, elsewhere["empty"]) })
        {
            Directory.Delete(folder.Path);
            Directory.CreateSymbolicLink(folder.Path, target);
            folders.GiveBack(folder);
            new DirectoryInfo(folder.Path).Exists.ShouldBeFalse();
        }

        File.Exists(elsewhere["keep"]).ShouldBeTrue();
        Directory.Exists(elsewhere["empty"]).ShouldBeTrue();
        folders.Take().Path.ShouldNotBe(second.Path);
    }

    [Fact]
    public void Links_in_one_are_deleted_and_not_what_they_lead_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        using var elsewhere = new TempFolder();
        elsewhere.Write("keep", "the owner's");
        var first = folders.Take();
        Directory.CreateSymbolicLink(Path.Combine(first.Path, "link"), elsewhere.Path);
        Nest(first.Path); // so that the slow way is taken too
        folders.GiveBack(first);

        Directory.Exists(first.Path).ShouldBeFalse();
        File.Exists(elsewhere["keep"]).ShouldBeTrue();
    }

    [Fact]
    public void Closed_folders_and_a_nest_deeper_than_any_path_are_deleted()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        var first = folders.Take();
        var closed = Path.Combine(first.Path, "closed");
        Directory.CreateDirectory(Path.Combine(closed, "inner"));
        File.WriteAllText(Path.Combine(closed, "inner", "file"), "");
        TempFolder.SetMode(Path.Combine(closed, "inner"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        TempFolder.SetMode(closed, UnixFileMode.None);
        Nest(first.Path);
        folders.GiveBack(first);
        Directory.Exists(first.Path).ShouldBeFalse();
        log.ShouldBeEmpty();
    }

    [Fact]
    public void One_that_somebody_else_removed_meanwhile_is_not_handed_out()
    {
        var first = folders.Take();
        folders.GiveBack(first);
        Directory.Delete(first.Path);
        Directory.Exists(folders.Take().Path).ShouldBeTrue();
    }

    /// <summary>Folders in folders whose path is longer than PATH_MAX: two nests, one moved into the other.</summary>
    private static void Nest(string folder)
    {
        var name = new string('d', 200);
        var deep = Enumerable.Repeat(name, 15).Aggregate(folder, Path.Combine);
        Directory.CreateDirectory(deep);
        for (var i = 0; i < 2; i++)
        {
            var other = Path.Combine(folder, "other");
            var top = Directory.CreateDirectory(Enumerable.Repeat(name, 15).Aggregate(other, Path.Combine));
            File.WriteAllText(Path.Combine(top.FullName, "file"), "");
            Directory.Move(Path.Combine(folder, name), Path.Combine(top.FullName, "n"));
            Directory.Move(other, Path.Combine(folder, name));
        }
    }
}
