using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace AkkaCompute.Cli.Demo;

/// <summary>Writes a picture of 8-bit RGB as PNG (ISO/IEC 15948).</summary>
internal static class PngFile
{
    private const byte BitsPerChannel = 8;
    private const byte ColourRgb = 2;

    private static readonly uint[] Crc = [.. Enumerable.Range(0, 256).Select(CrcOf)];

    /// <param name="rgb">Rows from the top.</param>
    public static void Write(string file, int width, int height, ReadOnlySpan<byte> rgb)
    {
        using var stream = File.Create(file);
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n']);
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), height);
        (head[8], head[9]) = (BitsPerChannel, ColourRgb);
        Chunk(stream, "IHDR", head);
        Chunk(stream, "IDAT", Compressed(width * 3, rgb));
        Chunk(stream, "IEND", []);
    }

    private static byte[] Compressed(int rowBytes, ReadOnlySpan<byte> rgb)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.SmallestSize))
        {
            for (var row = 0; row < rgb.Length; row += rowBytes)
            {
                zlib.WriteByte(0); // no filter
                zlib.Write(rgb.Slice(row, rowBytes));
            }
        }

        return compressed.ToArray();
    }

    private static void Chunk(Stream stream, string kind, byte[] body)
    {
        byte[] marked = [.. Encoding.ASCII.GetBytes(kind), .. body];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        stream.Write(number);
        stream.Write(marked);
        var crc = uint.MaxValue;
        foreach (var b in marked)
        {
            crc = Crc[(crc ^ b) & 0xFF] ^ (crc >> 8);
        }

        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        stream.Write(number);
    }

    /// <summary>Annex D: CRC-32 with the polynomial 0xEDB88320.</summary>
    private static uint CrcOf(int index)
    {
        var crc = (uint)index;
        for (var bit = 0; bit < 8; bit++)
        {
            crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return crc;
    }
}
