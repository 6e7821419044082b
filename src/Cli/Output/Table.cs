using System.Text;

namespace AkkaCompute.Cli.Output;

/// <summary>Columns for people and for <c>awk</c>: padded, two spaces apart; on a terminal the last one is cut at its edge.</summary>
internal sealed class Table(params string[] headings)
{
    /// <summary>One cell of somebody else's words does not make the others unreadable.</summary>
    private const int CellLengthMax = 200;

    private readonly List<string[]> _rows = [headings];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => cell.Length == 0 ? "-" : Words.Line(cell, CellLengthMax))]);

    public void Print()
    {
        var widths = Enumerable.Range(0, headings.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        var edge = Streams.IsTerminal(1) ? TerminalWidth() : int.MaxValue;
        foreach (var row in _rows)
        {
            var line = new StringBuilder();
            for (var column = 0; column < row.Length; column++)
            {
                line.Append(row[column].PadRight(widths[column] + 2));
            }

            var text = line.ToString().TrimEnd();
            Streams.WriteLine(text.Length > edge ? text[..(edge - 1)] + "…" : text);
        }
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 20 and var width ? width : int.MaxValue;
        }
        catch (IOException)
        {
            return int.MaxValue;
        }
    }
}
