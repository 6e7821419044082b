namespace AkkaCompute.Cli.Demo;

/// <summary>The Mandelbrot set: the points c for which z ← z² + c from 0 stays bounded.</summary>
internal static class Mandelbrot
{
    private const int IterationsMax = 1200;
    private const int Samples = 2; // a side, for smooth edges
    private const double EscapeSquared = 256; // far out, so that the fractional count below is smooth
    private const double Left = -2.25;
    private const double Top = 1.0;
    private const double Step = 2.0 / Tiling.Height;

    /// <returns>RGB of the tile's pixels, rows from the top.</returns>
    public static byte[] Draw(Tile tile)
    {
        var rgb = new byte[tile.Width * tile.Height * 3];
        for (var y = 0; y < tile.Height; y++)
        {
            for (var x = 0; x < tile.Width; x++)
            {
                Pixel(tile.Left + x, tile.Top + y, rgb.AsSpan(((y * tile.Width) + x) * 3, 3));
            }
        }

        return rgb;
    }

    private static void Pixel(int x, int y, Span<byte> rgb)
    {
        double red = 0, green = 0, blue = 0;
        for (var i = 0; i < Samples * Samples; i++)
        {
            var (re, im) = (Left + ((x + ((i % Samples) + 0.5) / Samples) * Step), Top - ((y + ((i / Samples) + 0.5) / Samples) * Step));
            if (Count(re, im) is { } count)
            {
                // A palette of three cosines (Inigo Quilez, "Palettes", 1999), from deep blue over white to gold.
                var turn = Math.Log2(1 + count) / 6;
                red += 0.5 + (0.5 * Math.Cos(Math.Tau * (turn + 0.55)));
                green += 0.5 + (0.5 * Math.Cos(Math.Tau * (turn + 0.50)));
                blue += 0.5 + (0.5 * Math.Cos(Math.Tau * (turn + 0.38)));
            }
        }

        const double Share = 255.0 / (Samples * Samples);
        (rgb[0], rgb[1], rgb[2]) = ((byte)(red * Share), (byte)(green * Share), (byte)(blue * Share));
    }

    /// <summary>Steps until the point escapes, with a fraction; null when it does not.</summary>
    private static double? Count(double re, double im)
    {
        double x = 0, y = 0, xx = 0, yy = 0;
        for (var i = 0; i < IterationsMax; i++)
        {
            y = (2 * x * y) + im;
            x = xx - yy + re;
            (xx, yy) = (x * x, y * y);
            if (xx + yy > EscapeSquared)
            {
                return Math.Max(0, i + 1 - Math.Log2(Math.Log2(xx + yy) / 2));
            }
        }

        return null;
    }
}
