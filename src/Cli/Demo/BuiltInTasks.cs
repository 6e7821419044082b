using System.Globalization;

namespace AkkaCompute.Cli.Demo;

/// <summary>Tasks that akc itself provides, run as worker subprocesses: the hidden <c>akc task NAME ARGS</c>.</summary>
internal static class BuiltInTasks
{
    public const string Mandelbrot = "mandelbrot";

    public static int Run(string name, IReadOnlyList<string> arguments)
    {
        if (name == Mandelbrot
            && arguments is [var columns, var rows]
            && int.TryParse(columns, CultureInfo.InvariantCulture, out var across)
            && int.TryParse(rows, CultureInfo.InvariantCulture, out var down)
            && int.TryParse(Environment.GetEnvironmentVariable("AKC_TASK_INDEX"), CultureInfo.InvariantCulture, out var index)
            && across > 0 && down > 0 && index >= 0 && index < across * down)
        {
            var tiles = new Tiling(across, down);
            File.WriteAllBytes(Tiling.FileName, Demo.Mandelbrot.Draw(tiles.At(index)));
            Console.WriteLine($"tile {index + 1} of {tiles.Count}");
            return ExitCodes.Done;
        }

        Console.Error.WriteLine($"akc: there is no built-in task '{name}' with these arguments");
        return ExitCodes.Usage;
    }
}

/// <summary>A picture cut into tiles of equal size, by rows.</summary>
internal sealed record Tiling(int Across, int Down)
{
    public const int Width = 1200;
    public const int Height = 800;

    /// <summary>Raw RGB, rows from the top, in the task's work directory.</summary>
    public const string FileName = "tile.rgb";

    public int Count => Across * Down;

    public Tile At(int index)
    {
        var (column, row) = (index % Across, index / Across);
        var (left, top) = (Width * column / Across, Height * row / Down);
        return new Tile(left, top, (Width * (column + 1) / Across) - left, (Height * (row + 1) / Down) - top);
    }
}

/// <summary>In pixels of the whole picture.</summary>
internal readonly record struct Tile(int Left, int Top, int Width, int Height);
