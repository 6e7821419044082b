using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Protocol.Tests.Jobs;

/// <summary>Files named by the numbers of a range.</summary>
public sealed class ItemFilesTests
{
    private static readonly ItemFiles Frames = new("frame_", 4, ".png", 1, 1);

    [Theory]
    [InlineData(1, 1, 0, "frame_0001.png")]
    [InlineData(1, 1, 9_999, "frame_10000.png")]
    [InlineData(-3, 2, 0, "frame_-0003.png")]
    [InlineData(10, -3, 2, "frame_0004.png")]
    public void An_item_has_a_name_and_the_name_leads_back(long first, long step, int item, string name)
    {
        var files = Frames with { First = first, Step = step };

        files.NameOf(item).ShouldBe(name);
        files.ItemOf(name, item + 1).ShouldBe(item);
        files.ItemOf(name, item).ShouldBeNull(); // the job has no such item
    }

    [Theory]
    [InlineData("frame_1.png")]
    [InlineData("frame_00001.png")]
    [InlineData("frame_+001.png")]
    [InlineData("frame_0001.png.part")]
    [InlineData("frame_.png")]
    [InlineData("frame_png")]
    [InlineData("x/frame_0001.png")]
    [InlineData("frame_0002.png")]
    [InlineData("frame_99999999999999999999.png")]
    public void Other_names_are_of_no_item(string name) => (Frames with { Step = 2 }).ItemOf(name, 10).ShouldBeNull();

    [Fact]
    public void Names_that_lead_elsewhere_are_not_sound()
    {
        var tiles = Frames with { Prefix = "tile_", Grid = new TileGrid(2, 3, "frame_0007.png") };
        Frames.IsSound(10).ShouldBeTrue();
        tiles.IsSound(6).ShouldBeTrue();

        (Frames with { Prefix = "../frame_" }).IsSound(10).ShouldBeFalse();
        (Frames with { Suffix = null! }).IsSound(10).ShouldBeFalse();
        (Frames with { Digits = 0 }).IsSound(10).ShouldBeFalse();
        (Frames with { Digits = 20 }).IsSound(10).ShouldBeFalse();
        (Frames with { Step = 0 }).IsSound(10).ShouldBeFalse();
        (Frames with { First = long.MaxValue }).IsSound(10).ShouldBeFalse();
        tiles.IsSound(7).ShouldBeFalse();
        (tiles with { Grid = new TileGrid(2, 3, "/etc/passwd") }).IsSound(6).ShouldBeFalse();
        (tiles with { Grid = new TileGrid(2, 3, null!) }).IsSound(6).ShouldBeFalse();
        (tiles with { Grid = new TileGrid(2, 3, "tile_0001.png") }).IsSound(6).ShouldBeFalse();
        (tiles with { Grid = new TileGrid(10, 10, "p.png") }).IsSound(100).ShouldBeTrue();
        (tiles with { Grid = new TileGrid(101, 1, "p.png") }).IsSound(101).ShouldBeFalse(); // more than can be open at once
        (tiles with { Grid = new TileGrid(65_536, 65_536, "p.png") }).IsSound(0).ShouldBeFalse();
    }
}
