using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Render;

/// <summary>What is rendered of a scene.</summary>
/// <param name="Frames">One frame, where there are tiles.</param>
/// <param name="Chunk">Frames of a task, or <see cref="JobItems.Auto"/>.</param>
internal sealed record RenderOrder(string Scene, NumberRange Frames, PictureFormat Format, int Chunk, Tiles? Tiles, VideoFile? Video);

/// <summary>Frames of a scene, a stretch of them to a task (so that Blender starts once for all of them), or the tiles of one, a task each.</summary>
internal sealed class RenderDivision : Division
{
    private const string FramePrefix = "frame_";
    private const string TilePrefix = "tile_";
    private const int DigitsMin = 4;

    private readonly RenderOrder _order;
    private readonly ItemFiles _files;
    private readonly int _count;

    public RenderDivision(RenderOrder order)
    {
        _order = order;
        var (frames, format, tiles) = (order.Frames, order.Format, order.Tiles);
        var last = frames.First + (frames.Step * (frames.Count - 1));
        var digits = Math.Max(DigitsMin, Math.Max(Math.Abs(frames.First), Math.Abs(last)).ToString(System.Globalization.CultureInfo.InvariantCulture).Length);
        var pictures = new ItemFiles(FramePrefix, digits, format.Extension, frames.First, frames.Step);
        _count = tiles?.Count ?? frames.Count;
        _files = tiles is null ? pictures : new ItemFiles(TilePrefix, DigitsMin, format.Extension, 1, 1) { Grid = new TileGrid(tiles.Columns, tiles.Rows, pictures.NameOf(0)) };
    }

    public override IReadOnlyList<string> OutGlobs => [$"{_files.Prefix}*{_files.Suffix}"];

    /// <summary>Blender leaves caches and settings in its home too.</summary>
    public override bool OnlyOutGlobs => true;

    public override bool MakesFile => _files.Grid is not null || _order.Video is not null;

    /// <exception cref="AkcException">There is no such scene, or it can't be sent by its name.</exception>
    public TaskCommand CommandIn(string? folder)
    {
        var scene = _order.Scene;
        if (TaskCommand.Find(scene, folder) is not var (file, name))
        {
            throw new AkcException(Directory.Exists(scene) ? $"{scene} is a directory, not a scene: name the .blend file" : $"there is no scene {scene} here");
        }

        if (name.Contains('{', StringComparison.Ordinal))
        {
            throw new AkcException($"{scene} has a bracket in its name, which stands for something else in commands: rename it");
        }

        return new TaskCommand(RenderScript.Command(name, _files, _order), file, name, [BlendFile.NeedOf(file)]);
    }

    /// <exception cref="AkcException">A picture of an earlier rendering lies where one of this is to land.</exception>
    public void CheckTarget(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        var names = Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path));
        if (names.Where(name => name == _files.Grid?.Picture || IsOne(name)).Min(StringComparer.Ordinal) is { } there)
        {
            throw new AkcException($"{Path.Combine(folder, there)} is there already: --force overwrites it, --results DIR writes elsewhere", ExitCodes.Conflict);
        }
    }

    public override void Check(InputFiles inputs)
    {
        if (inputs.All.FirstOrDefault(file => IsOne(file.Name)) is { } picture)
        {
            throw new AkcException($"{picture.Name} is sent with the scene and would be taken for a rendered picture: send the files without it");
        }
    }

    public override Task<Parts> SendAsync(PoolClient pool, CancellationToken cancel) => Task.FromResult(
        Parts.Of(new JobItems(_count, _order.Tiles is null ? _order.Chunk : 1) { Files = _files }, new RangeItems(_files.First, _files.Step)));

    public override async Task FinishAsync(JobView end, IReadOnlyList<string> files, string folder, CancellationToken cancel)
    {
        if (_files.Grid is { } grid && end.State == "succeeded" && !files.Contains(Path.Combine(folder, grid.Picture)))
        {
            throw new AkcException($"{grid.Picture} could not be merged: 'akc fetch {end.Id}' tries it again");
        }

        if (_order.Video is not { } video)
        {
            return;
        }

        if (end.State != "succeeded")
        {
            Notes.Say($"no video: not all frames are there");
            return;
        }

        await video.MakeAsync(Enumerable.Range(0, _count).Select(item => Path.Combine(folder, _files.NameOf(item))), cancel);
        Notes.Say($"saved: {video}");
    }

    private bool IsOne(string name) => _files.ItemOf(name, _count) is not null;
}
