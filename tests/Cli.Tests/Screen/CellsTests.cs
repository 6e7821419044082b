using AkkaCompute.Cli.Screen;

namespace AkkaCompute.Cli.Tests.Screen;

public sealed class CellsTests
{
    [Theory]
    [InlineData("abc", 5, "abc  ")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("计算机", 6, "计算机")]
    [InlineData("计算机", 5, "计算…")]
    [InlineData("计算机", 4, "计… ")]
    [InlineData("", 2, "  ")]
    [InlineData("x", 0, "")]
    public void A_text_fits_the_cells_that_it_has(string text, int width, string expected)
    {
        Cells.Fit(text, width).ShouldBe(expected);
        Cells.Width(Cells.Fit(text, width)).ShouldBe(width);
    }

    [Fact]
    public void A_line_is_cut_across_its_pieces()
    {
        var line = new ScreenLine([new("abc"), new("def", Tone.Bad), new("ghi")]);

        line.Cut(9).Text.ShouldBe("abcdefghi");
        line.Cut(5).Text.ShouldBe("abcd…");
        line.Cut(5).Pieces[1].Tone.ShouldBe(Tone.Bad);
        line.Cut(3).Text.Length.ShouldBeLessThanOrEqualTo(3);
    }
}
