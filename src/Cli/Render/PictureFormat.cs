namespace AkkaCompute.Cli.Render;

/// <summary>A format of single pictures, as Blender names it.</summary>
/// <param name="VideoCodec">What ffmpeg calls it where a video can be made of such pictures; else null.</param>
internal sealed record PictureFormat(string Name, string Extension, string? VideoCodec = null)
{
    public const string Default = "PNG";

    private static readonly PictureFormat[] All =
    [
        new("PNG", ".png", "png"), new("JPEG", ".jpg", "mjpeg"), new("TIFF", ".tif"), new("WEBP", ".webp"), new("BMP", ".bmp"), new("TARGA", ".tga"),
        new("OPEN_EXR", ".exr"), new("OPEN_EXR_MULTILAYER", ".exr"), new("HDR", ".hdr"), new("JPEG2000", ".jp2"), new("DPX", ".dpx"), new("CINEON", ".cin"),
    ];

    public static string Names => string.Join(", ", All.Select(format => format.Name));

    /// <exception cref="AkcException">It is none of those.</exception>
    public static PictureFormat Parse(string text) =>
        All.FirstOrDefault(format => format.Name.Equals(text, StringComparison.OrdinalIgnoreCase))
        ?? throw new AkcException($"--format is '{text}': write one of {Names}", ExitCodes.Usage);
}
