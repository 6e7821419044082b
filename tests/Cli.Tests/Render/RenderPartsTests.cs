using System.IO.Compression;
using System.Text;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Render;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Render;

/// <summary>What a scene asks of its nodes, and what a wish to render becomes.</summary>
public sealed class RenderPartsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("BLENDER-v279", "blender>=2.79")]
    [InlineData("BLENDER_V283", "blender>=2.83")]
    [InlineData("BLENDER-v304REND", "blender>=3.4")]
    [InlineData("BLENDER-v402REND", "blender>=4.2")]
    [InlineData("BLENDER17-01v0500REND", "blender>=5.0")]
    public void A_scene_needs_the_Blender_that_saved_it_or_a_later_one(string head, string need)
    {
        var bytes = Encoding.ASCII.GetBytes(head + new string('x', 100));
        File.WriteAllBytes("plain.blend", bytes);
        using (var zipped = new GZipStream(File.Create("zipped.blend"), CompressionLevel.Fastest))
        {
            zipped.Write(bytes);
        }

        BlendFile.NeedOf("plain.blend").ShouldBe(need);
        BlendFile.NeedOf("zipped.blend").ShouldBe(need);
    }

    [Fact]
    public void A_scene_in_Zstandard_is_of_Blender_3_at_least()
    {
        File.WriteAllBytes("a.blend", [0x28, 0xB5, 0x2F, 0xFD, 0, 1, 2]);
        BlendFile.NeedOf("a.blend").ShouldBe("blender>=3.0");
    }

    [Theory]
    [InlineData("")]
    [InlineData("BLENDER")]
    [InlineData("BLENDER-v3")]
    [InlineData("a BLENDER-v304")]
    [InlineData("\u001f\u008bno gzip")]
    public void Other_files_are_no_scenes(string content)
    {
        File.WriteAllBytes("a.blend", Encoding.Latin1.GetBytes(content));
        Should.Throw<AkcException>(() => BlendFile.NeedOf("a.blend")).Message.ShouldBe("a.blend is no .blend file");
    }

    [Fact]
    public void Nothing_in_the_script_stands_for_something_else()
    {
        RenderScript.Text.ShouldStartWith("\"\"\"Renders");
        RenderScript.Text.ShouldNotContain("{");
        RenderScript.Text.ShouldNotContain("\r");
    }

    [Fact]
    public async Task Frames_are_items_and_each_leaves_a_file_of_its_number()
    {
        var division = Of(new NumberRange(-5, 10, 30_000));
        var parts = await division.SendAsync(null!, TestContext.Current.CancellationToken);

        parts.Items.ShouldBe(new JobItems(30_000, 7) { Files = new ItemFiles("frame_", 6, ".png", -5, 10) });
        parts.Kind.ShouldBe(new RangeItems(-5, 10));
        parts.TaskCount.ShouldBe(4286);
        division.OutGlobs.ShouldBe(["frame_*.png"]);
    }

    [Fact]
    public async Task Tiles_are_a_task_each_and_make_the_picture_of_their_frame()
    {
        var parts = await Of(new NumberRange(12, 1, 1), new Tiles(3, 2)).SendAsync(null!, TestContext.Current.CancellationToken);

        parts.Items.ShouldBe(new JobItems(6, 1) { Files = new ItemFiles("tile_", 4, ".png", 1, 1) { Grid = new TileGrid(3, 2, "frame_0012.png") } });
        parts.Items!.Files!.IsSound(6).ShouldBeTrue();
    }

    [Fact]
    public void The_scene_is_sent_and_opened_without_its_scripts()
    {
        _folder.Write("shots/a b.blend", "BLENDER-v304");

        var command = Of(new NumberRange(1, 2, 3), scene: "shots/a b.blend").CommandIn(null);

        (command.ScriptName, command.Needs).ShouldSatisfyAllConditions(c => c.ScriptName.ShouldBe("shots/a b.blend"), c => c.Needs.ShouldBe(["blender>=3.4"]));
        command.Words.Take(8).ShouldBe(["blender", "-b", "--factory-startup", "-noaudio", "--disable-autoexec", "--python-exit-code", "1", "./shots/a b.blend"]);
        command.Words.Skip(10).ShouldBe(["--", "{start}", "{end}", "2", "frame_", "4", ".png", "PNG", "0", "0", "1"]);
        Of(new NumberRange(1, 1, 1), scene: "shots/a b.blend").CommandIn("shots").ScriptName.ShouldBe("a b.blend");
    }

    [Theory]
    [InlineData(2, 1, "[0][1]hstack=inputs=2[all]")]
    [InlineData(1, 2, "[0]null[row0];[1]null[row1];[row0][row1]vstack=inputs=2[all]")]
    [InlineData(2, 2, "[0][1]hstack=inputs=2[row0];[2][3]hstack=inputs=2[row1];[row0][row1]vstack=inputs=2[all]")]
    public void Tiles_are_put_together_row_by_row(int columns, int rows, string filter) => MergedTiles.Filter(new TileGrid(columns, rows, "p.png")).ShouldBe(filter);

    [Theory]
    [InlineData("2x3", 2, 3)]
    [InlineData("1X100", 1, 100)]
    public void Tiles_are_columns_and_rows(string text, int columns, int rows) => Tiles.Parse(text).ShouldBe(new Tiles(columns, rows));

    [Theory]
    [InlineData("4")]
    [InlineData("1x1")]
    [InlineData("0x4")]
    [InlineData("11x10")]
    [InlineData("2x2x2")]
    [InlineData("-2x-2")]
    public void Other_tiles_are_none(string text) => Should.Throw<AkcException>(() => Tiles.Parse(text)).ExitCode.ShouldBe(ExitCodes.Usage);

    [Fact]
    public void What_is_missing_is_named_by_stretches()
    {
        var numbered = new NumberedFiles(new ItemFiles("f", 2, ".png", 10, 10), 9);
        foreach (var name in new[] { "f20.png", "f60.png", "f90.png" })
        {
            numbered.TryAdd(new TreeFile(name, 1, false, [])).ShouldBeTrue();
        }

        numbered.TryAdd(new TreeFile("f20.png", 1, false, [])).ShouldBeFalse();
        numbered.TryAdd(new TreeFile("f25.png", 1, false, [])).ShouldBeFalse();
        numbered.Missing().ShouldBe("6 of 9 are missing: f10.png, f30.png to f50.png, f70.png to f80.png");
        new NumberedFiles(new ItemFiles("f", 1, "", 1, 1), 1).Missing().ShouldBe("1 of 1 is missing: f1");
    }

    [Fact]
    public void Options_of_render_stand_anywhere()
    {
        var parsed = Cli.Commands.AllCommands.Parse(["render", "--frames", "-5..5", "a.blend", "--gpu", "--max", "3"]);
        parsed.Errors.ShouldBeEmpty();
        parsed.GetValue<string>("SCENE").ShouldBe("a.blend");
        parsed.GetValue<string>("--frames").ShouldBe("-5..5");
        parsed.GetValue<int?>("--gpu").ShouldBe(1);
        UsageError.Describe(Cli.Commands.AllCommands.Parse(["render", "--frames", "1..2"])).ShouldContain("needs SCENE");
    }

    private static RenderDivision Of(NumberRange frames, Tiles? tiles = null, string scene = "a.blend") =>
        new(new RenderOrder(scene, frames, PictureFormat.Parse("png"), 7, tiles, null));
}
