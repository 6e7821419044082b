using System.Text;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Run;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Render;

/// <summary>One picture of a job's tiles, put together by ffmpeg pixel by pixel, beside its place until it is kept.</summary>
internal sealed class MergedTiles : IDisposable
{
    private const string Merged = "merged";

    private readonly PartFile _part;

    private MergedTiles(PartFile part) => _part = part;

    /// <summary>Why they can't be merged here; then nothing is kept.</summary>
    public string? Complaint { get; private set; }

    /// <exception cref="AkcException">What is at its place differs, the disk is full, or the Lighthouse is gone.</exception>
    public static async Task<MergedTiles> WriteAsync(PoolClient pool, ResultPlan plan, bool force, CancellationToken cancel)
    {
        var merged = new MergedTiles(new PartFile(plan.Job.Id, plan.Picture!));
        try
        {
            merged._part.CheckPlace(force);
            merged.Complaint = await merged.MergeAsync(pool, plan, cancel);
            if (merged.Complaint is null)
            {
                await merged._part.CheckSameAsync(force, cancel);
            }

            return merged;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            merged.Dispose();
            throw merged._part.Unwritable(e);
        }
        catch
        {
            merged.Dispose();
            throw;
        }
    }

    /// <summary>Puts it to its place.</summary>
    public void Keep(bool force)
    {
        if (Complaint is null)
        {
            _part.Keep(force);
        }
    }

    public void Dispose() => _part.Dispose();

    private async Task<string?> MergeAsync(PoolClient pool, ResultPlan plan, CancellationToken cancel)
    {
        if (Ffmpeg.Find() is not { } ffmpeg)
        {
            return "there is no ffmpeg on the PATH of this computer";
        }

        // Names of its own in a folder of its own: ffmpeg reads signs such as % and : in names.
        var folder = Directory.CreateTempSubdirectory("akc-tiles-").FullName;
        try
        {
            var tiles = plan.Tiles.OrderBy(tile => tile.Item).Select(tile => tile.File).ToList();
            for (var i = 0; i < tiles.Count; i++)
            {
                await WriteAsync(pool, tiles[i], Path.Combine(folder, Name(i)), cancel);
            }

            string[] arguments =
            [
                .. Enumerable.Range(0, tiles.Count).SelectMany(i => new[] { "-f", "png_pipe", "-i", "file:" + Name(i) }),
                "-filter_complex", Filter(plan.Job.Files!.Grid!), "-map", "[all]", "-frames:v", "1", "-c:v", "png", "-f", "image2pipe", "file:" + Merged,
            ];
            if (await ffmpeg.RunAsync(arguments, folder, [], cancel) is { } said)
            {
                return "ffmpeg failed: " + said;
            }

            await using var from = File.OpenRead(Path.Combine(folder, Merged));
            await using var into = new FileStream(_part.Path, FileMode.CreateNew, FileAccess.Write);
            await from.CopyToAsync(into, cancel);
            return null;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Rows of tiles beside each other, then the rows below each other.</summary>
    internal static string Filter(TileGrid grid)
    {
        var filter = new StringBuilder();
        for (var row = 0; row < grid.Rows; row++)
        {
            var tiles = string.Concat(Enumerable.Range(row * grid.Columns, grid.Columns).Select(tile => $"[{tile}]"));
            filter.Append(tiles).Append(grid.Columns == 1 ? "null" : $"hstack=inputs={grid.Columns}").Append(grid.Rows == 1 ? "[all]" : $"[row{row}];");
        }

        return grid.Rows == 1
            ? filter.ToString()
            : filter.AppendJoin("", Enumerable.Range(0, grid.Rows).Select(row => $"[row{row}]")).Append($"vstack=inputs={grid.Rows}[all]").ToString();
    }

    private static string Name(int tile) => $"{tile}.png";

    private static async Task WriteAsync(PoolClient pool, TreeFile file, string path, CancellationToken cancel)
    {
        await using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        foreach (var digest in file.Blobs)
        {
            await stream.WriteAsync(await ResultFiles.BlobAsync(pool, digest, cancel), cancel);
        }
    }
}
