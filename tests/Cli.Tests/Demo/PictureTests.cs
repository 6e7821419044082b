using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using AkkaCompute.Cli.Demo;

namespace AkkaCompute.Cli.Tests.Demo;

public sealed class PictureTests
{
    [Theory]
    [InlineData(8, 6)]
    [InlineData(1, 1)]
    [InlineData(7, 3)] // which divide neither side
    [InlineData(1200, 1)]
    [InlineData(13, 799)]
    public void Tiles_cover_the_picture_exactly_once(int across, int down)
    {
        var tiles = new Tiling(across, down);
        var covered = new byte[Tiling.Width * Tiling.Height];

        for (var i = 0; i < tiles.Count; i++)
        {
            var tile = tiles.At(i);
            for (var y = tile.Top; y < tile.Top + tile.Height; y++)
            {
                for (var x = tile.Left; x < tile.Left + tile.Width; x++)
                {
                    covered[(y * Tiling.Width) + x]++;
                }
            }
        }

        covered.ShouldAllBe(times => times == 1);
    }

    /// <summary>The picture shows real -2.25 to 0.75 from the left, imaginary 1 to -1 from the top, 400 pixels a unit.</summary>
    [Theory]
    [InlineData(0, 0, true)] // the cardioid
    [InlineData(-1, 0, true)] // the disc at its left
    [InlineData(-0.122, 0.745, true)] // the disc at its top
    [InlineData(0.5, 0.5, false)]
    [InlineData(-2.2, 0.9, false)]
    [InlineData(0.4, 0, false)] // just right of the cardioid's cusp
    public void Known_points_are_inside_or_outside(double re, double im, bool isInside)
    {
        var tile = new Tile((int)((re + 2.25) * 400), (int)((1 - im) * 400), 1, 1);

        var rgb = Mandelbrot.Draw(tile);

        rgb.Length.ShouldBe(3);
        rgb.All(channel => channel == 0).ShouldBe(isInside);
    }

    [Fact]
    public void A_tile_is_the_same_part_of_the_picture_however_it_is_cut()
    {
        var whole = Mandelbrot.Draw(new Tile(500, 300, 6, 4));

        var part = Mandelbrot.Draw(new Tile(502, 301, 3, 2));

        for (var row = 0; row < 2; row++)
        {
            part[(row * 9)..((row + 1) * 9)].ShouldBe(whole[((((row + 1) * 6) + 2) * 3)..((((row + 1) * 6) + 5) * 3)]);
        }
    }

    [Fact]
    public void The_set_is_its_own_mirror_image()
    {
        var above = Mandelbrot.Draw(new Tile(600, 380, 5, 1));
        var below = Mandelbrot.Draw(new Tile(600, 419, 5, 1));

        above.ShouldBe(below);
    }

    [Fact]
    public void A_png_holds_its_pixels()
    {
        using var folder = new TestFolder();
        const int Width = 3;
        const int Height = 2;
        byte[] rgb = [.. Enumerable.Range(1, Width * Height * 3).Select(i => (byte)(i * 14))];

        PngFile.Write(folder["p.png"], Width, Height, rgb);

        var chunks = Chunks(File.ReadAllBytes(folder["p.png"]));
        chunks.Select(chunk => chunk.Kind).ShouldBe(["IHDR", "IDAT", "IEND"]);
        chunks[0].Body.ShouldBe([0, 0, 0, Width, 0, 0, 0, Height, 8, 2, 0, 0, 0]); // 8 bits, RGB, deflate, adaptive, not interlaced
        using var rows = new ZLibStream(new MemoryStream(chunks[1].Body), CompressionMode.Decompress);
        using var raw = new MemoryStream();
        rows.CopyTo(raw);
        raw.ToArray().ShouldBe([0, .. rgb[..9], 0, .. rgb[9..]]); // each row after its filter type: none
        chunks[2].Body.ShouldBeEmpty();
    }

    private static List<(string Kind, byte[] Body)> Chunks(byte[] png)
    {
        png[..8].ShouldBe([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var chunks = new List<(string, byte[])>();
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var marked = png.AsSpan(at + 4, length + 4);
            BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)).ShouldBe(Crc(marked));
            chunks.Add((Encoding.ASCII.GetString(marked[..4]), marked[4..].ToArray()));
            at += length + 12;
        }

        return chunks;
    }

    /// <summary>CRC-32 by bits, as a second opinion.</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
