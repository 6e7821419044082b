using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Cli.Tests.Client;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Split;

/// <summary>Lists of values and files, as <c>map</c> takes them.</summary>
public sealed class ListDivisionTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Words_files_and_further_words_are_a_list_each()
    {
        _folder.Write("list.txt", "x y\n\nz\r\n last");

        (await OfAsync(["1", "2", ":::", "a", ":::", "b", "c"], "list.txt")).Lists.ShouldBe([["1", "2"], ["x y", "z", " last"], ["a"], ["b", "c"]]);
        (await OfAsync([":::", "a", "b"])).Lists.ShouldBe([["a", "b"]]);
        (await OfAsync([], "list.txt")).Lists.ShouldBe([["x y", "z", " last"]]);
    }

    [Theory]
    [InlineData("no value behind", "a", ":::")]
    [InlineData("no value behind", ":::", "a", ":::", ":::", "b")]
    [InlineData("more than the 16", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a", ":::", "a")]
    public async Task Lists_that_are_none_are_refused(string says, params string[] words) =>
        (await Should.ThrowAsync<AkcException>(OfAsync(words))).Message.ShouldContain(says);

    [Fact]
    public async Task Combinations_have_a_limit()
    {
        string[] many = [.. Enumerable.Range(0, 300).Select(i => $"{i}")];

        (await Should.ThrowAsync<AkcException>(OfAsync([.. many, ":::", .. many, ":::", .. many]))).Message.ShouldContain("27000000 combinations");
    }

    [Fact]
    public async Task Values_have_a_size_together()
    {
        var value = new string('x', 100_000);

        await OfAsync([.. Enumerable.Repeat(value, 600)]);
        (await Should.ThrowAsync<AkcException>(OfAsync([.. Enumerable.Repeat(value, 700)]))).Message.ShouldContain("64 MiB");
    }

    [Fact]
    public async Task Values_that_are_not_UTF_8_are_refused_and_a_mark_of_UTF_8_is_none()
    {
        File.WriteAllBytes("latin.txt", [.. "ok\ncaf"u8, 0xE9, .. "\n"u8]);
        File.WriteAllBytes("marked.txt", [0xEF, 0xBB, 0xBF, .. "café\n"u8]);
        File.WriteAllBytes("marked-latin.txt", [0xEF, 0xBB, 0xBF, .. "caf"u8, 0xE9]);

        (await Should.ThrowAsync<AkcException>(OfAsync([], "latin.txt"))).Message.ShouldContain("latin.txt is not UTF-8");
        (await Should.ThrowAsync<AkcException>(OfAsync([], "marked-latin.txt"))).Message.ShouldContain("marked-latin.txt is not UTF-8");
        (await OfAsync([], "marked.txt")).Lists.ShouldBe([["café"]]);
    }

    [Theory]
    [InlineData("empty", "has no values")]
    [InlineData("binary", "no list of values")]
    [InlineData("missing", "no file missing")]
    [InlineData("folder", "a directory")]
    public async Task A_file_without_values_is_refused(string file, string says)
    {
        _folder.Write("empty", "\n\n");
        _folder.Write("binary", "a\0b\n");
        _folder.Write("folder/x");

        (await Should.ThrowAsync<AkcException>(OfAsync([], file))).Message.ShouldContain(says);
    }

    [Fact]
    public async Task A_value_that_is_a_file_is_where_it_lands()
    {
        _folder.Write("a.jpg");
        _folder.Write("sub/b.jpg");
        _folder.Write("other/c.jpg");

        var lists = (await OfAsync(["a.jpg", "./sub/b.jpg", "sub/../other/c.jpg", _folder["a.jpg"], "plain"])).Lists;

        lists.ShouldBe([["a.jpg", "./sub/b.jpg", "c.jpg", "a.jpg", "plain"]]);
    }

    [Fact]
    public async Task Two_files_that_land_at_one_place_are_refused()
    {
        _folder.Write("a.txt");
        _folder.Write("sub/a.txt");

        (await Should.ThrowAsync<AkcException>(OfAsync(["a.txt", _folder["sub/a.txt"]]))).Message.ShouldContain("two files would be a.txt");
    }

    [Fact]
    public async Task A_directory_is_mapped_only_if_all_tasks_get_it()
    {
        _folder.Write("data/x");
        var division = await OfAsync(["data"]);

        Should.Throw<AkcException>(() => division.Check(new InputFiles())).Message.ShouldContain("-f data");

        var inputs = new InputFiles();
        inputs.AddArgument("data");
        division.Check(inputs);
    }

    [Theory]
    [InlineData("b.txt:a.txt", true)]
    [InlineData("b.txt:a.txt/inner", true)]
    [InlineData("a.txt", false)]
    [InlineData("b.txt", false)]
    public async Task What_all_tasks_get_must_not_be_in_the_way(string argument, bool clashes)
    {
        _folder.Write("a.txt", "a");
        _folder.Write("b.txt", "b");
        var division = await OfAsync(["a.txt"]);
        var inputs = new InputFiles();
        inputs.AddArgument(argument);

        if (clashes)
        {
            Should.Throw<AkcException>(() => division.Check(inputs)).Message.ShouldContain("a.txt would be in the work directory twice");
        }
        else
        {
            division.Check(inputs);
        }
    }

    [Theory]
    [InlineData("no.jpg", true)]
    [InlineData("no/such", true)]
    [InlineData("0.5", false)]
    [InlineData("-1e-3", false)]
    [InlineData("https://x.org/a.jpg", false)]
    [InlineData("plain", false)]
    [InlineData("ends.", false)]
    public async Task What_looks_like_a_file_and_is_none_is_said_once(string value, bool isSaid)
    {
        using var captured = new Captured();

        await OfAsync([value, value]);

        (captured.Notes.Split('\n').Length - 1).ShouldBe(isSaid ? 1 : 0, captured.Notes);
    }

    [Fact]
    public async Task A_command_without_a_place_for_the_value_has_it_at_its_end()
    {
        var division = await OfAsync(["a", ":::", "b"]);

        division.Completed(["echo", "x"]).ShouldBe(["echo", "x", "{}"]);
        division.Completed(["echo", "{#}"]).ShouldBe(["echo", "{#}", "{}"]);
        division.Completed(["echo", "{2}"]).ShouldBe(["echo", "{2}"]);
        division.Completed(["echo", "{3}"]).ShouldBe(["echo", "{3}", "{}"]);
    }

    /// <summary>To a program, <c>-n.txt</c> alone is an option.</summary>
    [Fact]
    public async Task What_guards_a_name_with_a_dash_stays()
    {
        await using var pool = await PoolUnderTest.StartAsync();
        _folder.Write("-n.txt", "content");
        var division = await OfAsync(["./-n.txt", ".//-n.txt"]);
        division.Check(new InputFiles());

        var kind = (ListItems)(await division.SendAsync(pool.Client, Cancel)).Kind!;

        division.Lists.ShouldBe([["./-n.txt", "./-n.txt"]]);
        Tree.Parse(await pool.Client.GetBlobAsync(kind.TreeDigest, Tree.BytesMax, Cancel)).Files.Select(f => f.Path).ShouldBe(["lists", "files/-n.txt"]);
    }

    [Fact]
    public async Task The_tree_has_the_lists_and_the_files_of_their_values()
    {
        await using var pool = await PoolUnderTest.StartAsync();
        _folder.Write("a.txt", "content");
        var division = await OfAsync(["a.txt", "two\"words\n"], "a.txt");
        division.Check(new InputFiles());

        var parts = await division.SendAsync(pool.Client, Cancel);

        (parts.TaskCount, parts.Items).ShouldBe((2, new JobItems(2, 1)));
        var kind = parts.Kind.ShouldBeOfType<ListItems>();
        kind.Counts.ShouldBe([2, 1]);
        var tree = Tree.Parse(await pool.Client.GetBlobAsync(kind.TreeDigest, Tree.BytesMax, Cancel));
        tree.Files.Select(f => f.Path).ShouldBe(["lists", "files/a.txt"]);
        var lists = System.Text.Encoding.UTF8.GetString(await pool.Client.GetBlobAsync(tree.Files[0].Blobs.Single(), 1000, Cancel));
        lists.ShouldBe("[\"a.txt\",\"two\\u0022words\\n\"]\n[\"content\"]\n");
    }

    private static Task<ListDivision> OfAsync(string[] words, params string[] files) => ListDivision.OfAsync(words, files, Cancel);
}
