using System.Text;
using AkkaCompute.Protocol.Blobs;
using FsCheck.Fluent;

namespace AkkaCompute.Protocol.Tests.Blobs;

public sealed class TreeTests
{
    private static readonly string Blob = Digest.Of("x"u8);

    [Fact]
    public void A_digest_is_the_lower_case_hex_of_sha_256()
    {
        Digest.Of([]).ShouldBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        Digest.Of("abc"u8).ShouldBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        Digest.IsValid(Digest.Of([])).ShouldBeTrue();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550")]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("../../../../../../../../../../../../../../../../../etc/passwd/../xx")]
    public void Anything_else_is_no_digest(string? text) => Digest.IsValid(text).ShouldBeFalse();

    [Theory]
    [InlineData("a")]
    [InlineData("a.txt")]
    [InlineData("sub/deep/er/a.txt")]
    [InlineData(".hidden")]
    [InlineData("...")]
    [InlineData("..a/b..")]
    [InlineData("with space")]
    [InlineData("ümläut/日本語.txt")]
    [InlineData("-rf")]
    [InlineData("*")]
    public void Names_that_stay_within_are_safe(string path) => TreePath.IsSafe(path).ShouldBeTrue();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/..")]
    [InlineData("a/../../b")]
    [InlineData(".")]
    [InlineData("./a")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u007fb")]
    [InlineData("a\u0085b")]
    [InlineData("a\u001b[31mb")]
    [InlineData("\u202egnp.exe")]
    public void Names_that_could_leave_or_fool_are_not(string? path)
    {
        TreePath.IsSafe(path).ShouldBeFalse();
        Should.Throw<FormatException>(() => Tree.Parse(new Tree([new TreeFile("sound", 0, false, []), new TreeFile(path!, 1, false, [Blob])]).ToBytes()));
    }

    [Fact]
    public void Names_have_a_length()
    {
        TreePath.IsSafe(new string('a', 255)).ShouldBeTrue();
        TreePath.IsSafe(new string('a', 256)).ShouldBeFalse();
        var longest = string.Join('/', Enumerable.Repeat(new string('a', 204), 5));
        longest.Length.ShouldBe(TreePath.LengthMax);
        TreePath.IsSafe(longest).ShouldBeTrue();
        TreePath.IsSafe(longest + "a").ShouldBeFalse();
    }

    [Fact]
    public void A_safe_name_stays_below_its_folder_wherever_that_is() => Checks.ForAll(
        Gen.Elements('a', 'B', '.', '/', '\\', ':', '-', ' ', '\n', 'ä').ArrayOf().Select(letters => new string(letters)),
        path =>
        {
            if (TreePath.IsSafe(path))
            {
                Path.GetFullPath(Path.Combine("/work", path)).ShouldBe("/work/" + path);
            }
        },
        2000);

    [Fact]
    public void Messages_show_a_name_without_what_a_terminal_obeys()
    {
        TreePath.Printable("a\u001b[31m\nb").ShouldBe("a?[31m?b");
        TreePath.Printable(new string('x', 200)).Length.ShouldBe(80);
        TreePath.Printable(null).ShouldBe("(none)");
    }

    [Fact]
    public void What_is_written_is_what_is_read()
    {
        var tree = new Tree([new TreeFile("a", 0, false, []), new TreeFile("sub/ü.sh", 20_000_000, true, [Blob, Digest.Of("y"u8)])]);

        var read = Tree.Parse(tree.ToBytes());

        read.Files.Count.ShouldBe(2);
        read.Files[1].Blobs.ShouldBe(tree.Files[1].Blobs);
        (read.Files[1] with { Blobs = tree.Files[1].Blobs }).ShouldBe(tree.Files[1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"files":null}""")]
    [InlineData("""{"files":{}}""")]
    [InlineData("""{"files":[null]}""")]
    [InlineData("""{"files":[{}]}""")]
    [InlineData("""{"files":[{"path":"a","bytes":1,"executable":false}]}""")]
    [InlineData("""{"files":[{"path":"a","bytes":-1,"executable":false,"blobs":[]}]}""")]
    [InlineData("""{"files":[{"path":"a","bytes":1e99,"executable":false,"blobs":[]}]}""")]
    [InlineData("""{"files":[{"path":"a","bytes":1,"executable":false,"blobs":["short"]}]}""")]
    [InlineData("""{"files":[{"path":"a","bytes":1,"executable":false,"blobs":[null]}]}""")]
    [InlineData("""{"files":[{"path":"\ud800","bytes":1,"executable":false,"blobs":[]}]}""")]
    [InlineData("""{"files":[{"path":5,"bytes":1,"executable":false,"blobs":[]}]}""")]
    public void What_is_no_tree_is_refused(string json) => Should.Throw<FormatException>(() => Tree.Parse(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a", "a/b")]
    [InlineData("a/b/c", "x", "a/b")]
    [InlineData("a b", "a", "a-b", "a.b", "a/b")] // others sort between the file and the folder
    public void Two_files_at_one_place_are_refused(params string[] paths)
    {
        var tree = new Tree([.. paths.Select(path => new TreeFile(path, 0, false, []))]);

        Should.Throw<FormatException>(() => Tree.Parse(tree.ToBytes())).Message.ShouldContain("two files of the tree would be at one place: a");
    }

    [Fact]
    public void Names_that_only_look_alike_are_apart()
    {
        var tree = new Tree([.. new[] { "a/b", "a-b", "a b", "ab", "A/b", "a.b/c" }.Select(path => new TreeFile(path, 0, false, []))]);

        Tree.Parse(tree.ToBytes()).Files.Count.ShouldBe(6);
    }

    [Theory]
    [InlineData(Tree.BlobBytesMax + 1L, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 2)]
    [InlineData(5, 7)]
    public void A_size_that_the_pieces_can_not_have_is_refused(long bytes, int pieces)
    {
        var tree = new Tree([new TreeFile("a", bytes, false, [.. Enumerable.Repeat(Blob, pieces)])]);

        Should.Throw<FormatException>(() => Tree.Parse(tree.ToBytes())).Message.ShouldContain("size");
    }

    [Fact]
    public void A_tree_that_names_one_blob_ever_again_has_a_bound()
    {
        const int Pieces = (int)(Tree.TotalBytesMax / Tree.BlobBytesMax);
        Tree Of(int files) => new([.. Enumerable.Range(0, files).Select(i => new TreeFile($"{i}", Pieces / 4L * Tree.BlobBytesMax, false, [.. Enumerable.Repeat(Blob, Pieces / 4)]))]);

        Tree.Parse(Of(4).ToBytes()).Files.Count.ShouldBe(4);
        Should.Throw<FormatException>(() => Tree.Parse(Of(5).ToBytes())).Message.ShouldContain("256 GiB");
    }

    [Theory]
    [InlineData("con")]
    [InlineData("a/NUL.txt")]
    [InlineData("Com1")]
    [InlineData("lpt9.x.y")]
    [InlineData("aux .c")]
    [InlineData("a./b")]
    [InlineData("a ")]
    [InlineData("a?")]
    [InlineData("a/b|c")]
    [InlineData("a\\b")]
    [InlineData("..\\a")]
    [InlineData("\\\\host\\a")]
    [InlineData("C:a")]
    [InlineData("log-2026-11-26T20:19:25.csv")]
    public void Names_that_are_something_else_on_Windows(string path)
    {
        TreePath.IsSafe(path).ShouldBeTrue();
        TreePath.IsUsableOnWindows(path).ShouldBeFalse();
        TreePath.IsUsableOnWindows("console/com10/" + path.Replace(path, "auxiliary.c")).ShouldBeTrue();
    }

    [Fact]
    public void A_part_of_a_name_has_a_length_in_bytes() // 255 characters of a file system are bytes on most
    {
        TreePath.IsSafe(new string('ü', 127)).ShouldBeTrue();
        TreePath.IsSafe(new string('ü', 128)).ShouldBeFalse();
    }

    [Fact]
    public void A_tree_of_too_many_files_is_refused()
    {
        var files = Enumerable.Range(0, Tree.FilesMax + 1).Select(i => new TreeFile($"{i}", 0, false, [])).ToList();

        Tree.Parse(new Tree(files[1..]).ToBytes()).Files.Count.ShouldBe(Tree.FilesMax);
        Should.Throw<FormatException>(() => Tree.Parse(new Tree(files).ToBytes()));
    }

    [Fact]
    public void Whatever_comes_is_a_tree_or_refused() => Checks.ForAll(Checks.Bytes(60), bytes =>
    {
        try
        {
            Tree.Parse(bytes);
        }
        catch (FormatException)
        {
        }
    });
}
