using System.Text;
using Spectre.Console;

namespace AkkaCompute.Cli.Screen;

/// <summary>Text measured as terminals show it: a sign of Chinese takes two cells, an accent none.</summary>
internal static class Cells
{
    public static int Width(string text) => Ascii.IsValid(text) ? text.Length : text.GetCellWidth();

    /// <summary>No wider than <paramref name="width"/>; what is cut ends in an ellipsis.</summary>
    public static string Cut(string text, int width)
    {
        if (Width(text) <= width)
        {
            return text;
        }

        var (cut, taken) = (new StringBuilder(), 1);
        foreach (var rune in text.EnumerateRunes())
        {
            var sign = rune.ToString();
            taken += Width(sign);
            if (taken > width)
            {
                break;
            }

            cut.Append(sign);
        }

        return width <= 0 ? "" : cut.Append('…').ToString();
    }

    /// <summary>Exactly <paramref name="width"/> wide.</summary>
    public static string Fit(string text, int width, bool right = false)
    {
        var cut = Cut(text, width);
        var pad = new string(' ', Math.Max(0, width - Width(cut)));
        return right ? pad + cut : cut + pad;
    }
}
