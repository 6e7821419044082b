using AkkaCompute.Cli.Screen;

namespace AkkaCompute.Cli.Top;

/// <summary>A list with its heading, in columns two cells apart.</summary>
internal sealed record Columns(string Heading, IReadOnlyList<ScreenLine> Rows)
{
    /// <summary>A text of somebody else's leaves room for the others; the last column has what is left.</summary>
    private const int WidthMax = 20;

    /// <param name="headings">The one that the list is sorted by is marked.</param>
    /// <param name="sorted">Its number.</param>
    public static Columns Of(IReadOnlyList<string> headings, int sorted, bool reversed, IReadOnlyList<Piece[]> rows)
    {
        rows = [.. rows.Select(row => row.Select(cell => cell.Text.Length == 0 ? new Piece("-", Tone.Dim) : cell).ToArray())];
        var marked = headings.Select((heading, i) => i == sorted ? heading + (reversed ? "▴" : "▾") : heading).ToList();
        var widths = marked.Select((heading, i) => Math.Max(Cells.Width(heading), rows.Select(row => Math.Min(WidthMax, Cells.Width(row[i].Text))).DefaultIfEmpty().Max())).ToList();
        return new Columns(
            string.Join("  ", marked.Select((heading, i) => Fit(heading, i))).TrimEnd(),
            [.. rows.Select(row => new ScreenLine([.. row.Select((cell, i) => cell with { Text = (i == 0 ? "" : "  ") + Fit(cell.Text, i) })]))]);

        string Fit(string text, int i) => i == headings.Count - 1 ? text : Cells.Fit(text, widths[i]);
    }
}
