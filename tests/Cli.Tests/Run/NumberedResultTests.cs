using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Tests.Client;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Run;

/// <summary>Where the files of numbered items land.</summary>
public sealed class NumberedResultTests : IAsyncLifetime
{
    private static readonly ItemFiles Frames = new("frame_", 4, ".png", 1, 1);

    private readonly TestFolder _folder = new();
    private PoolUnderTest _pool = null!;
    private PlayedNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _pool = await PoolUnderTest.StartAsync();
        _node = new PlayedNode(_pool);
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task They_lie_together_by_number_and_all_else_by_task()
    {
        var job = await JobAsync(Frames, 4, ["frame_0001.png", "frame_0002.png", "log"], ["frame_0003.png", "frame_0004.png", "sub/frame_0001.png"]);
        using var captured = new Captured();

        (await ResultFiles.FetchAsync(_pool.Client, job, "r", force: false, Cancel)).ShouldBe(
            ["r/0/log", "r/1/sub/frame_0001.png", "r/frame_0001.png", "r/frame_0002.png", "r/frame_0003.png", "r/frame_0004.png"]);

        captured.Notes.ShouldBeEmpty();
        File.ReadAllText("r/frame_0003.png").ShouldBe("frame_0003.png of 1");
    }

    [Fact]
    public async Task Those_that_are_missing_are_named()
    {
        var job = await JobAsync(Frames, 6, ["frame_0002.png"], ["frame_0003.png"], []);
        using var captured = new Captured();

        (await ResultFiles.FetchAsync(_pool.Client, job, "r", force: false, Cancel)).ShouldBe(["r/frame_0002.png", "r/frame_0003.png"]);

        captured.Notes.ShouldBe("→ 4 of 6 are missing: frame_0001.png, frame_0004.png to frame_0006.png\n");
    }

    [Fact]
    public async Task One_that_a_second_task_leaves_too_lies_by_its_task()
    {
        var job = await JobAsync(Frames, 2, ["frame_0001.png", "frame_0002.png"], ["frame_0002.png"]);

        (await ResultFiles.FetchAsync(_pool.Client, job, "r", force: false, Cancel)).ShouldBe(["r/1/frame_0002.png", "r/frame_0001.png", "r/frame_0002.png"]);
    }

    [Fact]
    public async Task Tiles_that_can_not_be_merged_lie_as_they_are()
    {
        var tiles = Frames with { Prefix = "tile_", Grid = new TileGrid(2, 1, "frame_0007.png") };
        var few = await JobAsync(tiles, 2, ["tile_0001.png"], []);
        var odd = await JobAsync(tiles, 2, ["tile_0001.png"], ["tile_0002.png"]); // no pictures at all
        var none = await JobAsync(tiles, 2, [], []);
        using var captured = new Captured();

        (await ResultFiles.FetchAsync(_pool.Client, few, "few", force: false, Cancel)).ShouldBe(["few/tile_0001.png"]);
        (await ResultFiles.FetchAsync(_pool.Client, odd, "odd", force: false, Cancel)).ShouldBe(["odd/tile_0001.png", "odd/tile_0002.png"]);

        var notes = captured.Notes.Split('\n');
        notes[0].ShouldBe("→ frame_0007.png is not merged: 1 of 2 is missing: tile_0002.png; the tiles are in few");
        notes[1].ShouldStartWith("→ frame_0007.png is not merged: ");
        notes[1].ShouldEndWith("; the tiles are in odd");
        await ResultFiles.FetchAsync(_pool.Client, none, "none", force: false, Cancel);
        captured.Notes.ShouldEndWith("→ frame_0007.png is not merged: 2 of 2 are missing: tile_0001.png to tile_0002.png\n");
        Directory.GetFiles("odd").Length.ShouldBe(2);
    }

    /// <param name="tasks">The files that each task leaves, of <paramref name="items"/> items in equal chunks.</param>
    private async Task<JobView> JobAsync(ItemFiles files, int items, params string[][] tasks)
    {
        var job = await _pool.SubmitAsync(tasks.Length, new JobItems(items, (items + tasks.Length - 1) / tasks.Length) { Files = files }, new RangeItems(1));
        foreach (var attempt in await _node.AssignedAsync(tasks.Length))
        {
            var tree = new List<TreeFile>();
            foreach (var path in tasks[attempt.Task])
            {
                var bytes = System.Text.Encoding.UTF8.GetBytes($"{path} of {attempt.Task}");
                tree.Add(new TreeFile(path, bytes.Length, false, [await _pool.BlobAsync(bytes)]));
            }

            _node.Finish(job, attempt, results: await _pool.BlobAsync(new Tree(tree).ToBytes()));
        }

        return await new Cli.Client.JobStream(_pool.Client, job, ordered: false, follow: true, new Recorder()).ReadAsync(Cancel).InTimeAsync();
    }
}
