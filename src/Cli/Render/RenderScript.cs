using System.Globalization;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Render;

/// <summary>How Blender is run: the scene opened with nothing of its own executed, then a script of akc that renders.</summary>
internal static class RenderScript
{
    public const string Program = "blender";

    /// <summary>render.py: it has no placeholders, and takes all that it needs from its arguments.</summary>
    public static string Text { get; } = Read();

    /// <param name="scene">As it lies in the work directory.</param>
    public static IReadOnlyList<string> Command(string scene, ItemFiles files, RenderOrder order) =>
    [
        Program, "-b", "--factory-startup", "-noaudio", "--disable-autoexec", "--python-exit-code", "1", "./" + scene, "--python-expr", Text,
        "--", "{start}", "{end}", Number(files.Step), files.Prefix, Number(files.Digits), files.Suffix, order.Format.Name,
        Number(order.Tiles?.Columns ?? 0), Number(order.Tiles?.Rows ?? 0), Number(order.Frames.First),
    ];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Read()
    {
        using var stream = typeof(RenderScript).Assembly.GetManifestResourceStream("render.py")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
