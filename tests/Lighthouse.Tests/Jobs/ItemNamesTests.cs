using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

public sealed class ItemNamesTests
{
    private static readonly JobItems Items = new(100, 1);

    public static TheoryData<string, JobItems, TaskItems?, ItemRange> Named() => new()
    {
        { "frame -1", Items with { Files = new ItemFiles("frame_", 4, ".png", -2, 1) }, new RangeItems(-2), new ItemRange(1, 1) },
        { "frames 10 to 14", Items with { Files = new ItemFiles("frame_", 4, ".png", 10, 2) }, null, new ItemRange(0, 3) },
        { "tile 3", Items with { Files = new ItemFiles("tile_", 4, ".png", 1, 1) { Grid = new TileGrid(2, 2, "p.png") } }, null, new ItemRange(2, 1) },
        { "file 1", Items with { Files = new ItemFiles("\u202e!", 4, ".png", 1, 1) }, null, new ItemRange(0, 1) },
        { "number 3", Items, new RangeItems(1), new ItemRange(2, 1) },
        { "numbers 20 to 40", Items, new RangeItems(0, 10), new ItemRange(2, 3) },
        { "value 1", Items, new ListItems("d", [3]), new ItemRange(0, 1) },
        { "records 11 to 20", Items, new RowItems("d", RowFormat.Csv, "in", "out"), new ItemRange(10, 10) },
        { "item 1", Items, null, new ItemRange(0, 1) },
    };

    [Theory]
    [MemberData(nameof(Named))]
    public void As_people_wrote_them(string name, JobItems items, TaskItems? kind, ItemRange range) => ItemNames.Of(items, kind, range).ShouldBe(name);
}
