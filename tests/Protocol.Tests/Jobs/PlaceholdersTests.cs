using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Protocol.Tests.Jobs;

public sealed class PlaceholdersTests
{
    private static readonly ListItems OneList = new("", [10]);
    private static readonly ListItems TwoLists = new("", [10, 10]);
    private static readonly RangeItems Range = new(100, 5);
    private static readonly RowItems Rows = new("", RowFormat.Csv, "in.csv", "out.csv");

    [Theory]
    [InlineData("{}", "sub/deep/photo.raw.jpg")]
    [InlineData("{.}", "sub/deep/photo.raw")]
    [InlineData("{/}", "photo.raw.jpg")]
    [InlineData("{//}", "sub/deep")]
    [InlineData("{/.}", "photo.raw")]
    [InlineData("{#}", "8")]
    [InlineData("{1}", "sub/deep/photo.raw.jpg")]
    [InlineData("{1/.}", "photo.raw")]
    [InlineData("{01//}", "sub/deep")]
    [InlineData("-o={/.}.png", "-o=photo.raw.png")]
    [InlineData("{#}:{/}{/}", "8:photo.raw.jpgphoto.raw.jpg")]
    public void Forms_of_a_value(string word, string filled) => Fill(word, OneList, "sub/deep/photo.raw.jpg").ShouldBe(filled);

    [Theory]
    [InlineData("{.}", "a", "a")]
    [InlineData("{.}", ".bashrc", ".bashrc")]
    [InlineData("{.}", "d/.bashrc", "d/.bashrc")]
    [InlineData("{.}", "d.x/file", "d.x/file")]
    [InlineData("{/.}", "d/.a.b", ".a")]
    [InlineData("{//}", "a", ".")]
    [InlineData("{//}", "/a", "/")]
    [InlineData("{/}", "a/", "")]
    [InlineData("{}", "", "")]
    [InlineData("{}", "{.}", "{.}")]
    public void Edges_of_a_value(string word, string value, string filled) => Fill(word, OneList, value).ShouldBe(filled);

    [Theory]
    [InlineData("{print $1}")]
    [InlineData("{0}")]
    [InlineData("{2}")]
    [InlineData("{100}")]
    [InlineData("{start}")]
    [InlineData("{in}")]
    [InlineData("{ }")]
    [InlineData("{")]
    [InlineData("}{")]
    [InlineData("{...}")]
    public void What_is_none_of_these_stays(string word) => Fill(word, OneList, "value").ShouldBe(word);

    [Theory]
    [InlineData("{1}-{2}", "a.x-b.y")]
    [InlineData("{2.}", "b")]
    [InlineData("{}", "a.x b.y")]
    [InlineData("{3}", "{3}")]
    [InlineData("{{1}", "{a.x")]
    [InlineData("{{}}", "{a.x b.y}")]
    public void Lists_by_number(string word, string filled) => Fill(word, TwoLists, "a.x", "b.y").ShouldBe(filled);

    [Fact]
    public void A_stretch_of_a_range_has_both_ends_in_it()
    {
        Placeholders.Fill(["{start}", "{end}", "{}", "{#}", "{1}"], Range, new ItemRange(2, 3), 0, []).ShouldBe(["110", "120", "110", "1", "{1}"]);
        Placeholders.Fill(["{start}..{end}"], new RangeItems(10, -3), new ItemRange(0, 4), 0, []).ShouldBe(["10..1"]);
    }

    [Fact]
    public void Tasks_without_items_have_their_number_alone() =>
        Placeholders.Fill(["{#}", "a{#}b", "{}", "{1}", "{start}"], 6).ShouldBe(["7", "a7b", "{}", "{1}", "{start}"]);

    [Fact]
    public void Records_have_an_in_and_an_out() =>
        Placeholders.Fill(["{in}", "x={out}", "{}", "{.}"], Rows, new ItemRange(0, 9), 0, []).ShouldBe(["in.csv", "x=out.csv", "in.csv", "{.}"]);

    [Theory]
    [InlineData("{}", true, true, true)]
    [InlineData("{.}", true, false, false)]
    [InlineData("a{1}b", true, false, false)]
    [InlineData("{2}", false, false, false)]
    [InlineData("{#}", false, false, false)]
    [InlineData("{start}", false, true, false)]
    [InlineData("{end}", false, true, false)]
    [InlineData("{out}", false, false, true)]
    [InlineData("{print}", false, false, false)]
    public void Which_words_stand_for_the_item(string word, bool ofList, bool ofRange, bool ofRows)
    {
        Placeholders.StandIn(["x", word], OneList).ShouldBe(ofList);
        Placeholders.StandIn(["x", word], Range).ShouldBe(ofRange);
        Placeholders.StandIn(["x", word], Rows).ShouldBe(ofRows);
    }

    [Fact]
    public void Combinations_go_round_in_the_last_list_first()
    {
        var items = new ListItems("", [2, 1, 3]);

        Enumerable.Range(0, 6).Select(i => string.Concat(items.IndexesOf(i))).ShouldBe(["000", "001", "002", "100", "101", "102"]);
    }

    [Theory]
    [InlineData("{}{}{}{}{}{}{}{}{}{}{}")]
    [InlineData("{1} {} {2} {.} {1/.} {2} {} {} {}")]
    public void Values_that_make_a_command_larger_than_any_are_not_filled_in(string word)
    {
        var value = new string('x', 100_000);

        Placeholders.Fill([word], TwoLists, new ItemRange(0, 1), 0, [value, value]).ShouldBeNull();
        Placeholders.Fill([.. word.Split('}').Select(w => w + "}")], TwoLists, new ItemRange(0, 1), 0, [value, value]).ShouldBeNull();
        Placeholders.Fill(["{}", "{1}", "{2}"], TwoLists, new ItemRange(0, 1), 0, [value, value]).ShouldNotBeNull();
    }

    [Fact]
    public void A_flood_of_placeholders_ends_with_the_limit()
    {
        var word = string.Concat(Enumerable.Repeat("{}", 500_000));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Placeholders.Fill([word], OneList, new ItemRange(0, 1), 0, [new string('x', 100_000)]).ShouldBeNull();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(50L * TaskTemplate.CommandBytesMax);
    }

    [Fact]
    public void A_word_of_brackets_is_read_once()
    {
        var word = new string('{', 1_000_000) + "}";
        var before = GC.GetAllocatedBytesForCurrentThread();

        Placeholders.StandIn([word[..^1] + "print}"], OneList).ShouldBeFalse();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(50L * word.Length); // a name for each bracket would be 10^12
        Fill(word, OneList, "x").ShouldBe(word[..^2] + "x");
    }

    private static string Fill(string word, TaskItems items, params string[] values) =>
        Placeholders.Fill([word], items, new ItemRange(7, 1), 7, values)!.Single();
}
