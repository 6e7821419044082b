using System.Diagnostics;

namespace AkkaCompute.EndToEnd;

/// <summary>Scenes rendered by the real Blender, on nodes and alone.</summary>
[Collection(OneAtATime.Name)]
public sealed class RenderTests : IClassFixture<RenderTests.Cube>
{
    private const int Width = 67; // no half of it is whole
    private const int Height = 45;

    /// <summary>A turning cube. Without dithering, whose pattern begins anew with each picture, tiles are exact.</summary>
    private const string ScenePy = """
        import bpy, sys
        scene = bpy.context.scene
        scene.render.engine = 'CYCLES'
        scene.cycles.device, scene.cycles.samples, scene.cycles.seed, scene.cycles.use_denoising = 'CPU', 2, 7, False
        scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 67, 45, 100
        scene.render.dither_intensity = 0
        cube = bpy.data.objects['Cube']
        cube.keyframe_insert('rotation_euler', frame=1)
        cube.rotation_euler = (1, 2, 3)
        cube.keyframe_insert('rotation_euler', frame=24)
        text = bpy.data.texts.new('startup.py')
        text.write("print('the scene has run its script')")
        text.use_module = True
        bpy.ops.wm.save_as_mainfile(filepath=sys.argv[-1])
        """;

    private static readonly bool HasTools = File.Exists("/usr/bin/blender") && File.Exists("/usr/bin/ffmpeg");

    private readonly Cube cube;

    public RenderTests(Cube cube)
    {
        Assert.SkipUnless(HasTools, "blender and ffmpeg are not installed (eng/test installs them)");
        this.cube = cube;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Scene => cube.Scene;

    [Fact]
    public async Task Frames_of_three_nodes_of_which_one_is_killed_are_those_of_Blender_alone()
    {
        await using var raj = await Machine.UpAsync("raj");
        await using var mike = await raj.FriendAsync("mike");
        await using var sara = await raj.FriendAsync("sara");
        await raj.PeersWhenAsync(peers => peers.Count(n => n.Labels.GetValueOrDefault("blender") is { Length: > 0 }) == 3);

        using var render = raj.Start("render", Scene, "--frames", "1..24", "--chunk", "2", "--results", "r");
        await raj.JobsWhenAsync(jobs => jobs is [{ ItemsDone: >= 2 } job] && job.Nodes.Contains("mike"));
        Signals.Send(mike.Pid("node"), Signals.Kill);
        (await raj.JobsAsync()).Single().ItemsDone!.Value.ShouldBeLessThan(24);

        var result = (await render.ResultAsync(Cancel)).Expect();
        result.Stderr.ShouldContain("saved: 24 files in r");
        result.Stdout.ShouldNotContain("the scene has run its script");
        await ToolAsync("blender", "-b", "--factory-startup", "-noaudio", Scene, "-o", Path.Combine(cube.Folder, "frame_####"), "-F", "PNG", "-x", "1", "-s", "1", "-e", "24", "-a");
        var names = Enumerable.Range(1, 24).Select(i => $"frame_{i:D4}.png").ToList();
        Directory.GetFileSystemEntries(Path.Combine(raj.Work, "r")).Select(Path.GetFileName).Order().ShouldBe(names);
        var pixels = await PixelsAsync(Path.Combine(raj.Work, "r", "frame_%04d.png"));
        pixels.Length.ShouldBe(24 * Width * Height * 4);
        pixels.ShouldBe(await PixelsAsync(Path.Combine(cube.Folder, "frame_%04d.png")));

        var job = (await raj.JobsAsync()).Single();
        (job.Name, job.Command, job.Items).ShouldBe(("cube.blend", $"{Scene} --frames 1..24", 24));
        (await raj.RunAsync("render", Scene, "--frames", "20..30", "--results", "r")).ExpectError(125, "frame_0020.png is there already", "--force");
        (await raj.RunAsync("fetch", job.Id, "again")).Expect().Stdout.ShouldBe(string.Concat(names.Select(name => Path.Combine("again", name) + "\n")));
    }

    [Fact]
    public async Task Tiles_are_one_picture_equal_to_that_rendered_at_once()
    {
        await using var raj = await Machine.UpAsync("raj");

        (await raj.RunAsync("render", Scene, "--frame", "7", "--tiles", "3x2", "--results", "r")).Expect().Stderr.ShouldContain("saved: " + Path.Combine("r", "frame_0007.png"));

        Directory.GetFileSystemEntries(Path.Combine(raj.Work, "r")).Select(Path.GetFileName).ShouldBe(["frame_0007.png"]);
        await ToolAsync("blender", "-b", "--factory-startup", "-noaudio", Scene, "-o", Path.Combine(cube.Folder, "whole_####"), "-F", "PNG", "-x", "1", "-f", "7");
        (await PixelsAsync(Path.Combine(raj.Work, "r", "frame_0007.png"))).ShouldBe(await PixelsAsync(Path.Combine(cube.Folder, "whole_0007.png")));
    }

    [Fact]
    public async Task A_video_has_all_frames_in_order()
    {
        await using var raj = await Machine.UpAsync("raj");

        var render = await raj.RunAsync("render", Scene, "--frames", "1..9..2", "--format", "jpeg", "--video", "v.mp4", "--fps", "10", "--results", "r");

        render.Expect().Stderr.ShouldContain("saved: v.mp4");
        Directory.GetFileSystemEntries(Path.Combine(raj.Work, "r")).Select(Path.GetFileName).Order().ShouldBe(Enumerable.Range(0, 5).Select(i => $"frame_{1 + (2 * i):D4}.jpg"));
        var facts = await ToolAsync("ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=codec_name,width,height,r_frame_rate,nb_read_frames", "-of", "csv=p=0", Path.Combine(raj.Work, "v.mp4"));
        System.Text.Encoding.ASCII.GetString(facts).Trim().ShouldBe("h264,68,46,10/1,5");
    }

    [Fact]
    public async Task With_a_combine_the_video_and_the_picture_are_made_of_what_the_parts_left()
    {
        await using var raj = await Machine.UpAsync("raj");

        var film = (await raj.RunAsync("render", Scene, "--frames", "1..2", "--combine", "sh -c 'ls results/* | wc -l > count.txt'", "--video", "v.mp4")).Expect();
        film.Stderr.ShouldContain("saved: v.mp4");
        var last = (await raj.JobsAsync()).Single(job => job.Combines is not null);
        Names(Path.Combine("results", last.Id)).ShouldBe(["count.txt"]);
        Names(Path.Combine("results", last.Combines!)).ShouldBe(["frame_0001.png", "frame_0002.png"]);

        (await raj.RunAsync("render", Scene, "--frame", "2", "--tiles", "2x1", "--combine", "sh -c 'ls results/* > list.txt'", "--results", "r")).Expect();
        Names("r").ShouldBe(["frame_0002.png", "list.txt"]);

        IEnumerable<string?> Names(string folder) => Directory.GetFileSystemEntries(Path.Combine(raj.Work, folder)).Select(Path.GetFileName).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Wishes_that_can_not_be_met_are_one_line_and_no_job()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        raj.Write("no.blend", "no scene");
        raj.Write("out/frame_0003.png", "of an earlier run");
        raj.Write("v.mp4", "a video");

        (await RenderAsync("none.blend", "--frames", "1..3")).ExpectError(125, "there is no scene none.blend here");
        (await RenderAsync("out", "--frames", "1..3")).ExpectError(125, "out is a directory");
        (await RenderAsync("no.blend", "--frames", "1..3")).ExpectError(125, "no.blend is no .blend file");
        (await RenderAsync(Scene)).ExpectError(2, "--frames 1..240", "--frame 1");
        (await RenderAsync(Scene, "--frames", "1-3")).ExpectError(2, "--frames is '1-3'");
        (await RenderAsync(Scene, "--frames", "1..2000000")).ExpectError(2, "--frames is '1..2000000'", "1048574");
        (await RenderAsync(Scene, "--frame", "x")).ExpectError(2, "--frame is 'x'");
        (await RenderAsync(Scene, "--frames", "1..3", "--format", "GIF")).ExpectError(2, "--format is 'GIF'", "PNG, JPEG, TIFF");
        (await RenderAsync(Scene, "--frames", "1..3", "--tiles", "2x2")).ExpectError(2, "--frame N");
        (await RenderAsync(Scene, "--frame", "1", "--tiles", "2")).ExpectError(2, "--tiles is '2'", "2x2");
        (await RenderAsync(Scene, "--frame", "1", "--tiles", "2x2", "--format", "JPEG")).ExpectError(2, "--format JPEG");
        (await RenderAsync(Scene, "--frames", "1..3", "--results", "out")).ExpectError(125, Path.Combine("out", "frame_0003.png"), "--force");
        (await RenderAsync(Scene, "--frames", "1..3", "--video", "v.mp4")).ExpectError(125, "v.mp4 is there already");
        (await RenderAsync(Scene, "--frames", "1..3", "--video", "v.txt")).ExpectError(2, "--video is 'v.txt'", ".mp4");
        (await RenderAsync(Scene, "--frames", "1..3", "--video", "w.mp4", "--detach")).ExpectError(2, "--detach");
        (await RenderAsync(Scene, "more", "--frames", "1..3")).ExpectError(2, "more");
        (await RenderAsync(Scene, "--frames", "1..3", "-f", "out/frame_0003.png:frame_0003.png")).ExpectError(125, "frame_0003.png is sent with the scene");
        raj.Environment["PATH"] = raj.Work;
        (await RenderAsync(Scene, "--frames", "1..3", "--video", "w.mp4")).ExpectError(125, "needs ffmpeg", "apt install ffmpeg");
        (await RenderAsync(Scene, "--frame", "1", "--tiles", "2x2")).ExpectError(125, "needs ffmpeg");

        (await raj.JobsAsync()).ShouldBeEmpty();

        Task<AkcResult> RenderAsync(params string[] words) => raj.RunAsync(["render", .. words]);
    }

    [Fact]
    public async Task A_scene_waits_for_a_Blender_that_can_open_it_and_says_so()
    {
        await using var raj = await Machine.UpAsync("raj");
        raj.Write("future.blend", "BLENDER17-01v0999REND");

        using var render = raj.Start("render", "future.blend", "--frames", "1..3", "--results", "r");
        var job = (await raj.JobsWhenAsync(jobs => jobs.Count == 1)).Single();
        (await raj.RunAsync("kill", job.Id)).Expect();

        var end = await render.ResultAsync(Cancel);
        end.ExitCode.ShouldBe(130, end.Stderr);
        end.Stderr.ShouldContain("waits: nobody has blender>=9.99");
        end.Stderr.ShouldContain("3 of 3 are missing: frame_0001.png to frame_0003.png");
    }

    [Fact]
    public async Task A_Blender_that_the_owner_names_is_shown_to_tasks_wherever_it_lies()
    {
        var folder = Path.Combine(cube.Folder, "blender-9.8");
        Directory.CreateDirectory(folder);
        var program = Path.Combine(folder, "blender");
        File.WriteAllText(program, "#!/bin/sh\necho Blender 9.8.7\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await using var raj = new Machine("raj") { Environment = { ["AKC_BLENDER"] = Path.Combine(cube.Folder, "none") } };
        (await raj.RunAsync("up", "--name", "raj", "--port", "0")).ExpectError(1, "AKC_BLENDER", "no executable blender");

        raj.Environment["AKC_BLENDER"] = program;
        (await raj.RunAsync("up", "--name", "raj", "--port", "0")).ExpectError(1, folder, "more than Blender's own folder");
        Directory.CreateDirectory(Path.Combine(folder, "9.8", "scripts"));
        await raj.UpAsync();

        await raj.PeersWhenAsync(peers => peers is [var n] && n.Labels.GetValueOrDefault("blender") == "9.8.7");
        (await raj.RunAsync("run", "--", "blender", "-b")).Expect().Stdout.ShouldBe("Blender 9.8.7\n");
    }

    /// <summary>One picture, or all of a pattern behind each other, decoded by ffmpeg: 8-bit RGBA.</summary>
    private static Task<byte[]> PixelsAsync(string picture) => ToolAsync("ffmpeg", "-v", "error", "-i", picture, "-f", "rawvideo", "-pix_fmt", "rgba", "-");

    /// <returns>Its stdout.</returns>
    private static async Task<byte[]> ToolAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var stderr = process.StandardError.ReadToEndAsync(Cancel);
        using var stdout = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(stdout, Cancel);
        await process.WaitForExitAsync(Cancel);
        process.ExitCode.ShouldBe(0, $"{program}: {await stderr}");
        return stdout.ToArray();
    }

    /// <summary>The scene, made by Blender for all of these tests.</summary>
    public sealed class Cube : IAsyncLifetime
    {
        internal string Folder { get; } = Directory.CreateTempSubdirectory("akc-render-").FullName;

        internal string Scene => Path.Combine(Folder, "cube.blend");

        public async ValueTask InitializeAsync()
        {
            if (HasTools)
            {
                await ToolAsync("blender", "-b", "--factory-startup", "-noaudio", "--python-exit-code", "1", "--python-expr", ScenePy, "--", Scene);
            }
        }

        public ValueTask DisposeAsync()
        {
            Directory.Delete(Folder, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
