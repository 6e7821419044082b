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
    [InlineData("a\\b")]
    [InlineData("..\\a")]
    [InlineData("C:a")]
    [InlineData("a:stream")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u007fb")]
    [InlineData("a\u0085b")]
    [InlineData("a\u001b[31mb")]
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
