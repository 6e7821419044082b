using System.Globalization;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Render;

/// <summary><c>--tiles 2x2</c>: columns and rows of one picture.</summary>
internal sealed record Tiles(int Columns, int Rows)
{
    public int Count => Columns * Rows;

    /// <exception cref="AkcException">It is no such thing.</exception>
    public static Tiles Parse(string text)
    {
        var parts = text.Split('x', 'X');
        return parts is [var columns, var rows] && Side(columns) is { } across && Side(rows) is { } down && across * down is > 1 and <= TileGrid.TilesMax
            ? new Tiles(across, down)
            : throw new AkcException($"--tiles is '{text}': write columns and rows, such as 2x2, of 2 to {TileGrid.TilesMax} tiles", ExitCodes.Usage);
    }

    private static int? Side(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side) && side is > 0 and <= TileGrid.TilesMax ? side : null;
}
