using AkkaCompute.Cli.Demo;
using AkkaCompute.Cli.Render;

namespace AkkaCompute.Cli.Tests.Render;

/// <summary>Where a video lands, and what stands in the way of ffmpeg.</summary>
public sealed class VideoFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_came_into_being_while_the_frames_were_rendered_is_not_overwritten_without_force()
    {
        Assert.SkipWhen(Ffmpeg.Find() is null, "ffmpeg is not installed");
        PngFile.Write("frame_0001.png", 16, 16, new byte[16 * 16 * 3]);
        var video = VideoFile.Plan("v.mp4", PictureFormat.Parse("png"), 24, force: false);
        var forced = VideoFile.Plan("v.mp4", PictureFormat.Parse("png"), 24, force: true);
        _folder.Write("v.mp4", "another's");

        var refused = await Should.ThrowAsync<AkcException>(() => video.MakeAsync(["frame_0001.png"], Cancel));

        (refused.ExitCode, refused.Message).ShouldBe((ExitCodes.Conflict, "v.mp4 came into being meanwhile and is left as it is: the frames are saved, and --force would have overwritten it"));
        File.ReadAllText("v.mp4").ShouldBe("another's");
        await forced.MakeAsync(["frame_0001.png"], Cancel);
        File.ReadAllBytes("v.mp4").Length.ShouldBeGreaterThan(100);
        Directory.GetFiles(_folder.Path, ".*").ShouldBeEmpty(); // no part is left
    }

    [Fact]
    public async Task An_ffmpeg_that_can_not_be_started_is_a_complaint()
    {
        _folder.Write("ffmpeg", "no program of this computer");

        (await new Ffmpeg(_folder["ffmpeg"]).RunAsync([], _folder.Path, [], Cancel)).ShouldNotBeNull().ShouldContain("ffmpeg can't be started: ");
    }

    [Fact]
    public async Task More_arguments_than_a_system_takes_are_a_complaint()
    {
        Assert.SkipWhen(Ffmpeg.Find() is null, "ffmpeg is not installed");

        (await Ffmpeg.Find()!.RunAsync([new string('x', 4_000_000)], _folder.Path, [], Cancel)).ShouldNotBeNull().ShouldContain("can't be started: ");
    }
}
