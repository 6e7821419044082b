using System.Diagnostics;
using AkkaCompute.Cli.Render;

namespace AkkaCompute.Cli.Tests.Render;

/// <summary>The script that renders, run by Python with a Blender that is played: what it refuses, and what of Blender's words is shown.</summary>
public sealed class RenderScriptTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Renders by the lines of <c>play.py</c>; the script's half minutes are hundredths of that.</summary>
    private const string Bpy = """
        import os, time, types
        sleep = time.sleep
        time.sleep = lambda seconds: sleep(seconds / 100)

        def render(write_still):
            exec(open("play.py").read(), dict(os=os, sleep=sleep, say=lambda line: os.write(1, line.encode() + b"\n")))
            open(scene.render.filepath, "w").close()

        scene = types.SimpleNamespace(render=types.SimpleNamespace(image_settings=types.SimpleNamespace(), use_border=False, resolution_x=64, resolution_y=64, resolution_percentage=100), frame_set=lambda frame: None)
        context = types.SimpleNamespace(scene=scene)
        data = types.SimpleNamespace(filepath="a.blend", version=(3, 4, 1))
        app = types.SimpleNamespace(version=(3, 4, 0))
        ops = types.SimpleNamespace(render=types.SimpleNamespace(render=render))
        exec(open("scene.py").read())
        """;

    private readonly TestFolder _folder = new();

    public RenderScriptTests()
    {
        Assert.SkipUnless(File.Exists(Python), "python3 is not installed");
        _folder.Write("bpy.py", Bpy);
        _folder.Write("scene.py", "");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Frames_are_told_of_and_what_Blender_says_of_them_is_not()
    {
        var (exitCode, stdout, stderr) = await RunAsync("say('Fra:1 Sample 1')", "1", "2");

        (exitCode, stderr).ShouldBe((0, ""));
        stdout.ShouldMatch(@"^frame_0001\.png in 0\.\d s\nframe_0002\.png in 0\.\d s\n$");
        Directory.GetFiles(_folder.Path, "frame_*").Length.ShouldBe(2);
    }

    [Fact]
    public async Task The_newest_line_of_a_long_frame_is_shown_now_and_then_while_there_is_a_new_one()
    {
        var (exitCode, stdout, _) = await RunAsync("for i in range(1, 7):\n    say('old')\n    say('Sample %d' % i)\n    sleep(0.15)\nsleep(1.5)", "1", "1");

        exitCode.ShouldBe(0);
        var lines = stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries)[..^1];
        lines.ShouldAllBe(line => line.StartsWith("frame_0001.png: Sample "));
        lines.Length.ShouldBeInRange(1, 5); // of twelve, and none of those in which it was silent
        lines[^1].ShouldBe("frame_0001.png: Sample 6");
    }

    [Fact]
    public async Task The_last_words_of_a_Blender_that_crashes_reach_stderr()
    {
        var (exitCode, _, stderr) = await RunAsync("say('Sample 7'); say('Writing: /tmp/a.crash.txt'); sleep(0.3); os.kill(os.getpid(), 11)", "1", "1");

        exitCode.ShouldBe(128 + 11);
        stderr.ShouldBe("Sample 7\nWriting: /tmp/a.crash.txt\n");
    }

    [Fact]
    public async Task The_last_words_of_a_frame_that_fails_reach_stderr()
    {
        var (exitCode, _, stderr) = await RunAsync("say('Error: no camera'); raise RuntimeError('no picture')", "1", "1");

        (exitCode, stderr).ShouldBe((1, "Error: no camera\nakc render: no picture\n"));
    }

    [Theory]
    [InlineData("data.version = (3, 5, 0)", "0", "akc render: the scene was saved by Blender 3.5, and this is 3.4, which may lose parts of it\n")]
    [InlineData("data.version = (4, 0, 0)", "0", "akc render: the scene was saved by Blender 4.0, and this is 3.4, which may lose parts of it\n")]
    [InlineData("data.version = (2, 93, 0)", "0", "")]
    [InlineData("scene.render.use_border = True", "0", "")]
    [InlineData("scene.render.use_border = True", "2", "akc render: the scene renders a region of the picture alone: turn Render Region off in it, or render it without --tiles\n")]
    public async Task A_scene_that_would_come_out_as_another_picture_is_refused(string scene, string tiles, string says)
    {
        _folder.Write("scene.py", scene);

        var (exitCode, _, stderr) = await RunAsync("", "1", "1", tiles);

        (exitCode, stderr).ShouldBe((says.Length > 0 ? 1 : 0, says));
    }

    private async Task<(int ExitCode, string Stdout, string Stderr)> RunAsync(string play, string first, string last, string tiles = "0")
    {
        _folder.Write("play.py", play);
        var start = new ProcessStartInfo(Python, ["-B", "-c", RenderScript.Text, "--", first, last, "1", "frame_", "4", ".png", "PNG", tiles, tiles, "1"])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (stdout, stderr) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Task.WhenAll(stdout, stderr, process.WaitForExitAsync()).InTimeAsync();
        return (process.ExitCode, await stdout, await stderr);
    }
}
