using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.ComputeNode.Inputs.Items;
using AkkaCompute.ComputeNode.Tests.Link;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Tests.Inputs;

/// <summary>What a task of items finds in its directory and in place of its placeholders.</summary>
public sealed class ItemInputsTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly TempFolder cacheFolder = new();
    private readonly MemoryLighthouse lighthouse = new();
    private readonly WorkFolder work;
    private readonly ItemInputs inputs;

    public ItemInputsTests()
    {
        work = new WorkFolder(folder.Path);
        inputs = new ItemInputs(new BlobCache(cacheFolder.Path, lighthouse));
    }

    public void Dispose()
    {
        folder.Dispose();
        cacheFolder.Dispose();
    }

    [Fact]
    public async Task A_combination_has_its_values_and_their_files()
    {
        var tree = lighthouse.KeepTree(("lists", "[\"a.txt\",\"sub/run.sh\"]\n[\"1\",\"a.txt\",\"3\"]\n"), ("files/a.txt", "A"), ("!files/sub/run.sh", "B"), ("files/other", "C"));
        var items = new ListItems(tree, [2, 3]);

        (await FillAsync(items, 5, 1)).ShouldBe(["sub/run.sh", "3"]);

        Files().ShouldBe(["sub/run.sh"]);
        File.ReadAllText(folder["sub/run.sh"]).ShouldBe("B");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(folder["sub/run.sh"]).HasFlag(UnixFileMode.UserExecute).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task One_file_of_two_lists_is_there_once()
    {
        var tree = lighthouse.KeepTree(("lists", "[\"a.txt\"]\n[\"./a.txt\"]"), ("files/a.txt", "A"));

        (await FillAsync(new ListItems(tree, [1, 1]), 0, 1)).ShouldBe(["a.txt", "./a.txt"]);

        Files().ShouldBe(["a.txt"]);
    }

    [Fact]
    public async Task Files_of_values_are_inputs_and_no_results()
    {
        var tree = lighthouse.KeepTree(("lists", "[\"a.txt\"]"), ("files/a.txt", "A"));
        await FillAsync(new ListItems(tree, [1]), 0, 1);
        folder.Write("b.txt", "");

        work.Results([], new LeftOut()).Select(r => r.Name).ShouldBe(["b.txt"]);
    }

    [Theory]
    [InlineData("[\"a\"]\n[\"b\"]")]
    [InlineData("[\"a\",\"b\"]")]
    [InlineData("[\"a\",null,\"c\"]")]
    [InlineData("[1,2,3]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("[\"a\",\"b\",\"\\u0000\"]")]
    public async Task Lists_that_are_not_what_the_job_says_fail_the_task(string lists)
    {
        var tree = lighthouse.Keep(new Tree([new TreeFile("lists", lists.Length, false, lists.Length == 0 ? [] : [lighthouse.Keep(lists)])]).ToBytes());

        await Should.ThrowAsync<FormatException>(FillAsync(new ListItems(tree, [3]), 0, 1));
    }

    [Fact]
    public async Task Who_waits_for_lists_gets_them_although_the_one_who_asked_first_was_stopped()
    {
        var items = new ListItems(lighthouse.KeepTree(("lists", "[\"a\"]")), [1]);
        var fetched = new TaskCompletionSource();
        lighthouse.Gate = fetched.Task;
        using var stop = new CancellationTokenSource();
        var first = inputs.FillAsync(items, new ItemRange(0, 1), work, stop.Token);
        var second = FillAsync(items, 0, 1);

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        fetched.SetResult();

        (await second).ShouldBe(["a"]);
    }

    [Fact]
    public async Task First_tasks_read_the_tree_once()
    {
        var items = new ListItems(lighthouse.KeepTree(("lists", "[\"a\"]")), [1]);

        var held = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => inputs.FillAsync(items, new ItemRange(0, 1), work, Cancel)));

        held.Select(h => h.Held).Distinct().ShouldHaveSingleItem().ShouldNotBeNull();
    }

    [Fact]
    public async Task Lists_larger_than_any_are_not_even_fetched()
    {
        var pieces = Enumerable.Repeat(lighthouse.Keep("[]"), 5).ToList();
        var tree = lighthouse.Keep(new Tree([new TreeFile("lists", ListItems.BytesMax + 1, false, pieces)]).ToBytes());

        (await Should.ThrowAsync<FormatException>(FillAsync(new ListItems(tree, [1]), 0, 1))).Message.ShouldContain("64 MiB");

        lighthouse.Downloads.ShouldBe(1);
    }

    [Theory]
    [InlineData("lists")]
    [InlineData("rows/000000000-1")]
    public async Task A_piece_larger_than_the_tree_says_is_not_read(string name)
    {
        var tree = lighthouse.Keep(new Tree([new TreeFile(name, 3, false, [lighthouse.Keep("[\"a\"]")])]).ToBytes());
        TaskItems items = name == "lists" ? new ListItems(tree, [1]) : new RowItems(tree, RowFormat.Lines, "in.txt", "out.txt");

        (await Should.ThrowAsync<IOException>(FillAsync(items, 0, 1))).Message.ShouldContain("larger");
    }

    [Theory]
    [InlineData(0, 1, "h\n1\n")]
    [InlineData(0, 7, "h\n1\n2\n3\n4\n\"5\n5\"\n6\n7")]
    [InlineData(1, 3, "h\n2\n3\n4\n")]
    [InlineData(4, 1, "h\n\"5\n5\"\n")]
    [InlineData(2, 1, "h\n3\n")]
    [InlineData(6, 1, "h\n7")]
    public async Task A_stretch_of_records_stands_under_the_head(int first, int count, string text)
    {
        await FillAsync(Rows(("head", "h\n"), ("rows/000000000-3", "1\n2\n3\n"), ("rows/000000003-2", "4\n\"5\n5\"\n"), ("rows/000000005-2", "6\n7")), first, count);

        Files().ShouldBe(["in.csv"]);
        File.ReadAllText(folder["in.csv"]).ShouldBe(text);
    }

    [Fact]
    public async Task Blocks_that_a_task_needs_not_are_not_fetched()
    {
        var rows = Rows(("head", "h\n"), ("rows/000000000-1", "1\n"), ("rows/000000001-1", "2\n"), ("rows/000000002-1", "3\n"));
        lighthouse.Blobs.TryRemove(Digest.Of("1\n"u8), out _);
        lighthouse.Blobs.TryRemove(Digest.Of("3\n"u8), out _);

        await FillAsync(rows, 1, 1);

        File.ReadAllText(folder["in.csv"]).ShouldBe("h\n2\n");
        await Should.ThrowAsync<IOException>(new ItemInputs(new BlobCache(cacheFolder.Path, lighthouse)).FillAsync(rows, new ItemRange(0, 1), new WorkFolder(folder["other"]), Cancel));
    }

    [Fact]
    public async Task A_block_may_be_several_blobs()
    {
        var file = new TreeFile("rows/000000000-2", 6, false, [lighthouse.Keep("1\n2"), lighthouse.Keep("22")]);
        var tree = lighthouse.Keep(new Tree([file with { Bytes = 5 }]).ToBytes());

        await FillAsync(new RowItems(tree, RowFormat.Lines, "in.txt", "out.txt"), 1, 1);

        File.ReadAllText(folder["in.txt"]).ShouldBe("222");
    }

    [Theory]
    [InlineData("rows/000000000-2", "rows/000000003-1")]
    [InlineData("rows/000000000-2", "rows/000000001-1")]
    [InlineData("rows/000000001-2", "rows/000000003-1")]
    [InlineData("rows/x-2", "rows/000000003-0")]
    [InlineData("rows/000000000-3", "head")]
    public async Task Blocks_that_lack_records_fail_the_task(string one, string other) =>
        await Should.ThrowAsync<FormatException>(FillAsync(Rows((one, "1\n2\n"), (other, "3\n")), 0, 3));

    [Fact]
    public async Task A_range_needs_no_files()
    {
        (await FillAsync(new RangeItems(5), 3, 2)).ShouldBeEmpty();

        Files().ShouldBeEmpty();
        lighthouse.Downloads.ShouldBe(0);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RowItems Rows(params (string Name, string Text)[] files) => new(lighthouse.KeepTree(files), RowFormat.Csv, "in.csv", "out.csv");

    private async Task<IReadOnlyList<string>> FillAsync(TaskItems items, int first, int count) => (await inputs.FillAsync(items, new ItemRange(first, count), work, Cancel)).Values;

    private List<string> Files() =>
        [.. Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder.Path, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];
}
