using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace AkkaCompute.Cli.Render;

/// <summary>What the first bytes of a .blend say.</summary>
internal static partial class BlendFile
{
    private const int HeadBytes = 17;

    /// <summary>Compressed with Zstandard, which Blender does since then.</summary>
    private const string NeedOfZstandard = "blender>=3.0";

    /// <summary>The label of a node that can open it: Blender of the version that wrote it, or later; an older one may lose parts of the scene.</summary>
    /// <exception cref="AkcException">It is no .blend, or can't be read.</exception>
    public static string NeedOf(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var head = Head(stream);
            return head switch
            {
                [0x28, 0xB5, 0x2F, 0xFD, ..] => NeedOfZstandard,
                [0x1F, 0x8B, ..] => NeedOf(Unzipped(stream)),
                _ => NeedOf(head),
            } ?? throw new AkcException($"{file} is no .blend file");
        }
        catch (InvalidDataException e)
        {
            throw new AkcException($"{file} is no .blend file", ExitCodes.Failed, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{file} can't be read: {e.Message}", ExitCodes.Failed, e);
        }
    }

    /// <summary><c>BLENDER-v304</c> of 3.4, since Blender 5 <c>BLENDER17-01v0500</c>. Null for anything else.</summary>
    private static string? NeedOf(byte[] head) =>
        Version().Match(Encoding.Latin1.GetString(head)) is { Success: true } match && int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is var version
            ? $"blender>={version / 100}.{version % 100}"
            : null;

    private static byte[] Unzipped(FileStream stream)
    {
        stream.Position = 0;
        using var unzipped = new GZipStream(stream, CompressionMode.Decompress);
        return Head(unzipped);
    }

    private static byte[] Head(Stream stream)
    {
        var head = new byte[HeadBytes];
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }

    [GeneratedRegex(@"^BLENDER(?:[-_]|\d\d-\d\d)[vV](\d{3,4})", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
