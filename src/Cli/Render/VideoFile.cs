using AkkaCompute.Cli.Run;

namespace AkkaCompute.Cli.Render;

/// <summary><c>--video out.mp4</c>: made here of all frames, in order, when they are here.</summary>
internal sealed class VideoFile
{
    public const int RateDefault = 24;

    private const string H264 = "libx264";
    private const string Vp9 = "libvpx-vp9";

    /// <summary>Containers by extension: what ffmpeg calls them, and the codec that plays everywhere.</summary>
    private static readonly Dictionary<string, (string Container, string Codec)> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        [".mp4"] = ("mp4", H264),
        [".mov"] = ("mov", H264),
        [".mkv"] = ("matroska", H264),
        [".webm"] = ("webm", Vp9),
    };

    private readonly string _typed;
    private readonly string _path;
    private readonly string _inputCodec;
    private readonly int _rate;
    private readonly bool _force;
    private readonly Ffmpeg _ffmpeg;

    private VideoFile(string path, string inputCodec, int rate, bool force, Ffmpeg ffmpeg) =>
        (_typed, _path, _inputCodec, _rate, _force, _ffmpeg) = (path, Path.GetFullPath(path), inputCodec, rate, force, ffmpeg); // whatever folder is the current one later

    /// <param name="rate">Frames a second.</param>
    /// <exception cref="AkcException">It can't be made: said before anything is rendered.</exception>
    public static VideoFile Plan(string path, PictureFormat format, int rate, bool force)
    {
        if (!Kinds.ContainsKey(Path.GetExtension(path)))
        {
            throw new AkcException($"--video is '{path}': write a file that ends with {string.Join(", ", Kinds.Keys)}", ExitCodes.Usage);
        }

        if (format.VideoCodec is null)
        {
            throw new AkcException($"--video is made of PNG or JPEG frames, not of {format.Name}", ExitCodes.Usage);
        }

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
        {
            throw new AkcException($"there is no directory {folder} for --video {path}");
        }

        if (Directory.Exists(path) || (File.Exists(path) && !force))
        {
            throw new AkcException($"{path} is there already: --video writes it anew with --force, or give another name", ExitCodes.Conflict);
        }

        return new VideoFile(path, format.VideoCodec, rate, force, Ffmpeg.For("--video"));
    }

    /// <exception cref="AkcException">ffmpeg could not make it; the frames are here all the same.</exception>
    public async Task MakeAsync(IEnumerable<string> frames, CancellationToken cancel)
    {
        var (container, codec) = Kinds[Path.GetExtension(_path)];
        var part = ResultFiles.PartBeside(_path);
        string[] quality = codec == H264 ? ["-crf", "18"] : ["-crf", "30", "-b:v", "0"];
        string[] arguments =
        [
            "-f", "image2pipe", "-framerate", $"{_rate}", "-c:v", _inputCodec, "-i", "pipe:0",
            "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", // the codecs take even sides alone
            "-c:v", codec, .. quality, "-pix_fmt", "yuv420p", "-f", container, "file:" + part,
        ];
        try
        {
            var complaint = await _ffmpeg.RunAsync(arguments, Directory.GetCurrentDirectory(), frames, cancel);
            if (complaint is not null)
            {
                throw new AkcException($"ffmpeg made no video of the frames (they are saved): {complaint}");
            }

            File.Move(part, _path, overwrite: _force);
        }
        catch (IOException e) when (!_force && File.Exists(_path))
        {
            throw new AkcException($"{_typed} came into being meanwhile and is left as it is: the frames are saved, and --force would have overwritten it", ExitCodes.Conflict, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{_typed} can't be written: {e.Message}", ExitCodes.Disk, e);
        }
        finally
        {
            ResultFiles.Drop(part);
        }
    }

    public override string ToString() => _typed;
}
