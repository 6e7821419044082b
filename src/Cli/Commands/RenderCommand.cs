using System.CommandLine;
using System.Globalization;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Render;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Commands;

internal sealed class RenderCommand : JobCommand
{
    /// <summary>For complaints: the scene.</summary>
    public const string SceneWord = "render";

    /// <summary>Blender counts no further, in either direction.</summary>
    private const int FrameMax = 1_048_574;

    private const int RateMax = 1000;

    private readonly Argument<string> _scene = new("SCENE") { Description = "a .blend file, with all that it uses packed into it or sent by -f" };
    private readonly Option<string?> _frames = Opt.Text("--frames", "A..B[..STEP]", "the frames from A to B, both included");
    private readonly Option<string?> _frame = Opt.Text("--frame", "N", "a single frame");
    private readonly Option<string?> _format = Opt.Text("--format", "FORMAT", $"of the pictures (default: {PictureFormat.Default}): {PictureFormat.Names}");
    private readonly Option<string?> _tiles = Opt.Text("--tiles", "CxR", "with --frame: render it in C columns and R rows, a task each, merged here (needs ffmpeg)");
    private readonly Option<string?> _video = Opt.Text("--video", "FILE", "make a video of the frames when they are here: .mp4, .mov, .mkv or .webm (needs ffmpeg)");
    private readonly Option<int?> _rate = Opt.Count("--fps", $"frames a second of the video (default: {VideoFile.RateDefault})", 1, RateMax);
    private readonly Option<string?> _chunk = Opt.Text("--chunk", "auto|N", "frames of a task (default: auto, about 10 s of work each)");

    public RenderCommand()
        : base("render", "Render frames of a Blender scene on the pool, or one picture in tiles.", retries: 2)
    {
        Arguments.Add(_scene);
        AddOptions([_frames, _frame, _format, _tiles, _video, _rate, _chunk, .. OfSeveral]);
        Options.Single(option => option.Name == "--out").Description = "send back files that match too (default: the pictures alone)";
    }

    /// <summary>It has no command of the task's: options may stand anywhere.</summary>
    public override int? WordsBeforeCommand => int.MaxValue;

    public override string Synopsis => "SCENE --frames A..B|--frame N [OPTIONS]";

    public override IReadOnlyList<string> Details =>
    [
        "Pictures land in results/JOB as frame_0001.png ... (--results DIR: in DIR), those that are missing are named.",
        "Nodes need Blender, of the version that saved the scene or later; it is found by itself.",
        "Scripts in the scene are not run, and settings come from the scene alone.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "# an animation, and a video of it",
        "akc render scene.blend --frames 1..240 --video out.mp4",
        "# every tenth frame, with textures that are not packed into the scene",
        "akc render scene.blend -f textures --frames 1..240..10",
        "# one large picture in four tiles, each with four cores",
        "akc render scene.blend --frame 17 --tiles 2x2 --cores 4",
    ];

    protected override string CommandAbout => SceneWord;

    /// <summary>The scene, and what of the options says what is rendered: for lists.</summary>
    protected override IReadOnlyList<string> CommandOf(ParseResult parsed)
    {
        Option<string?>[] said = [_frames, _frame, _format, _tiles];
        return [parsed.GetValue(_scene)!, .. said.SelectMany(option => parsed.GetValue(option) is { } text ? new[] { option.Name, text } : [])];
    }

    protected override Task<Division?> DivideAsync(ParseResult parsed, IReadOnlyList<string> command, Complaints complaints, CancellationToken cancel)
    {
        var before = complaints.All.Count;
        var frames = Frames(parsed, complaints);
        var format = complaints.Try(_format.Name, () => PictureFormat.Parse(parsed.GetValue(_format) ?? PictureFormat.Default));
        var tiles = parsed.GetValue(_tiles) is { } text ? complaints.Try(_tiles.Name, () => Tiles.Parse(text)) : null;
        var chunk = ChunkOf(_chunk, parsed, complaints);
        if (frames is null || format is null || complaints.All.Count > before)
        {
            return Task.FromResult<Division?>(null);
        }

        Check(parsed, format, tiles, frames, complaints);
        var force = IsForced(parsed);
        var video = complaints.All.Count == before && parsed.GetValue(_video) is { } path
            ? complaints.Try(_video.Name, () => VideoFile.Plan(path, format, parsed.GetValue(_rate) ?? VideoFile.RateDefault, force))
            : null;
        if (tiles is not null && complaints.All.Count == before && !IsDetached(parsed))
        {
            complaints.Try(_tiles.Name, () => Ffmpeg.For("--tiles"));
        }

        var division = new RenderDivision(new RenderOrder(parsed.GetValue(_scene)!, frames, format, chunk, tiles, video));
        if (!force && ResultsFolder(parsed) is { } folder)
        {
            complaints.Try("--results", 0, () => division.CheckTarget(folder));
        }

        return Task.FromResult<Division?>(division);
    }

    protected override TaskCommand Choose(IReadOnlyList<string> words, Division? division, string? folder) =>
        division is RenderDivision render ? render.CommandIn(folder) : TaskCommand.OfNode([RenderScript.Program]); // nothing runs then

    private NumberRange? Frames(ParseResult parsed, Complaints complaints)
    {
        switch (parsed.GetValue(_frames), parsed.GetValue(_frame))
        {
            case (null, null):
                complaints.Add(SceneWord, "say which frames: --frames 1..240, or --frame 1 for a single picture");
                return null;
            case (not null, not null):
                complaints.Add(_frame.Name, "--frames and --frame are two ways to say it: choose one");
                return null;
            case (null, { } single):
                return complaints.Try(_frame.Name, () => int.TryParse(single, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && IsFrame(number)
                    ? new NumberRange(number, 1, 1)
                    : throw new AkcException($"--frame is '{single}': write one frame's number, from -{FrameMax} to {FrameMax}", ExitCodes.Usage));
            case ({ } several, null):
                return complaints.Try(_frames.Name, () => NumberRange.Parse(several, "--frames") is var range && IsFrame(range.First) && IsFrame(range.First + (range.Step * (range.Count - 1)))
                    ? range
                    : throw new AkcException($"--frames is '{several}': Blender has frames from -{FrameMax} to {FrameMax}", ExitCodes.Usage));
        }
    }

    private static bool IsFrame(long number) => number is >= -FrameMax and <= FrameMax;

    private void Check(ParseResult parsed, PictureFormat format, Tiles? tiles, NumberRange frames, Complaints complaints)
    {
        (bool IsWrong, Option About, string Text)[] rules =
        [
            (tiles is not null && parsed.GetValue(_frames) is not null, _tiles, "--tiles cut a single picture: name it by --frame N (frames are spread over the nodes as they are)"),
            (tiles is not null && format.Name != PictureFormat.Default, _format, $"--tiles are merged as {PictureFormat.Default}, without any loss: leave --format {format.Name} out"),
            (tiles is not null && parsed.GetValue(_chunk) is not null, _chunk, "--chunk is of --frames: each tile is a task of its own"),
            (parsed.GetValue(_video) is null && parsed.GetValue(_rate) is not null, _rate, "--fps is of --video"),
            (parsed.GetValue(_video) is not null && frames.Count == 1, _video, "--video is made of --frames A..B: one picture is none"),
            (parsed.GetValue(_video) is not null && IsDetached(parsed), _video, "--video is made here, when all frames are here: leave --detach out"),
        ];
        foreach (var (isWrong, about, text) in rules)
        {
            if (isWrong)
            {
                complaints.Add(about.Name, text);
            }
        }
    }
}
