using AkkaCompute.Cli.Screen;

namespace AkkaCompute.Cli.Output;

/// <summary>Columns for people and for <c>awk</c>: padded, two spaces apart; on a terminal the last one is cut at its edge.</summary>
internal sealed class Table(params string[] headings)
{
    /// <summary>One cell of somebody else's words does not make the others unreadable.</summary>
    private const int CellLengthMax = 200;

    private readonly List<string[]> _rows = [headings];
    private readonly int[] _widths = new int[headings.Length];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => cell.Length == 0 ? "-" : Words.Line(cell, CellLengthMax))]);

    /// <summary>What was added since the last time; columns only grow.</summary>
    public void Print()
    {
        for (var column = 0; column < headings.Length; column++)
        {
            _widths[column] = Math.Max(_widths[column], _rows.Select(row => Cells.Width(row[column])).DefaultIfEmpty().Max());
        }

        var edge = Streams.IsTerminal(1) ? Terminal.Size().Width : int.MaxValue;
        Streams.WriteLines(_rows.Select(row => Cells.Cut(string.Concat(row.Select((cell, column) => Cells.Fit(cell, _widths[column] + 2))).TrimEnd(), edge)));
        _rows.Clear();
    }
}
