using System.Diagnostics;

namespace AkkaCompute.EndToEnd;

/// <summary>The README's first command.</summary>
[Collection(OneAtATime.Name)]
public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_draws_its_picture_though_a_node_is_killed_and_leaves_nothing_running()
    {
        await using var ann = new Machine("ann");
        var temporary = Directory.CreateDirectory(Path.Combine(ann.Work, "t")).FullName; // where the demo makes its homes
        ann.Environment["TMPDIR"] = temporary;
        var watch = Stopwatch.StartNew();
        using var demo = ann.Start("demo");
        var pids = new HashSet<int>();
        var text = new System.Text.StringBuilder();
        while (await demo.Stdout.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            text.AppendLine(line);
            pids.UnionWith(LinuxProcess.All().Where(p => (p.IsAkc("lighthouse") || p.IsAkc("node")) && p.Environment.Any(v => v.StartsWith("AKC_HOME=" + temporary)))
                .Select(p => p.Pid));
        }

        var result = await demo.EndAsync(text.ToString(), TestContext.Current.CancellationToken);

        result.Expect();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        pids.Count.ShouldBe(4); // a Lighthouse and three nodes
        pids.ShouldAllBe(pid => !LinuxProcess.IsAlive(pid));
        Directory.GetFileSystemEntries(temporary, "akc-*").ShouldBeEmpty(); // no home and no work directory either
        var picture = Path.Combine(ann.Work, "mandelbrot.png");
        result.Stdout.ShouldContain(picture);
        Png.Check(picture).ShouldBeGreaterThan(100_000);
    }
}

/// <summary>Reads just enough of a PNG to know that it is whole.</summary>
internal static class Png
{
    /// <summary>Number of pixels; throws when a chunk, a checksum or the pixel data is not as it must be.</summary>
    public static long Check(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[..8].ShouldBe<byte>([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        using var data = new MemoryStream();
        long width = 0, height = 0;
        var ended = false;
        for (var at = 8; at < bytes.Length && !ended;)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
            var kind = System.Text.Encoding.ASCII.GetString(bytes, at + 4, 4);
            var body = bytes.AsSpan(at + 8, length);
            Crc(bytes.AsSpan(at + 4, length + 4)).ShouldBe(
                System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + 8 + length)));
            switch (kind)
            {
                case "IHDR":
                    width = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(body);
                    height = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(body[4..]);
                    body[8].ShouldBe((byte)8);
                    body[9].ShouldBe((byte)2); // RGB
                    break;
                case "IDAT":
                    data.Write(body);
                    break;
                case "IEND":
                    ended = true;
                    break;
            }

            at += length + 12;
        }

        ended.ShouldBeTrue();
        data.Position = 0;
        using var pixels = new System.IO.Compression.ZLibStream(data, System.IO.Compression.CompressionMode.Decompress);
        using var raw = new MemoryStream();
        pixels.CopyTo(raw);
        raw.Length.ShouldBe(height * ((width * 3) + 1));
        return width * height;
    }

    // PNG specification, annex D: CRC-32 with polynomial 0xEDB88320.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }
}
