using AkkaCompute.ComputeNode.Hardware;
using AkkaCompute.ComputeNode.Tests.Link;

namespace AkkaCompute.ComputeNode.Tests.Hardware;

/// <summary>Where Blender is found beyond PATH.</summary>
public sealed class BlenderPlaceTests : IDisposable
{
    private readonly TempFolder folder = new();

    public BlenderPlaceTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "the programs of these tests are scripts of Unix");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_newest_of_the_usual_places_is_taken_by_the_numbers_in_its_name()
    {
        folder.WriteProgram("opt/blender-4.9.1-linux-x64/blender", "");
        folder.WriteProgram("opt/blender-4.10.0-linux-x64/blender", "");
        folder.Write("opt/blender-5.0/blender", "not executable");
        folder.Write("opt/blender-6/readme", "");
        folder.WriteProgram("Applications/Blender 4.2.app/Contents/MacOS/blender", "");

        BlenderPlace.Search([folder["none/blender*"], folder["opt/blender*"]]).ShouldBe(folder["opt/blender-4.10.0-linux-x64"]);
        BlenderPlace.Search([folder["Applications/Blender*.app/Contents/MacOS"]]).ShouldBe(folder["Applications/Blender 4.2.app/Contents/MacOS"]);
        BlenderPlace.Search([folder["none/blender*"]]).ShouldBeNull();
    }

    [Fact]
    public void What_the_owner_names_is_the_program_or_its_folder_behind_all_links()
    {
        var program = folder.WriteProgram("b/blender", "");
        File.CreateSymbolicLink(folder["link"], program);

        BlenderPlace.Named(program).ShouldBe(folder["b"]);
        BlenderPlace.Named(folder["b"]).ShouldBe(folder["b"]);
        BlenderPlace.Named(folder["link"]).ShouldBe(folder["b"]);
        BlenderPlace.Named("").ShouldBeNull();
        BlenderPlace.Named(null).ShouldBeNull();
    }

    [Fact]
    public void A_name_that_leads_to_none_is_an_error_for_people()
    {
        folder.WriteProgram("b/blender-4.2", "");
        folder.Write("c/blender", "not executable");

        foreach (var wrong in new[] { folder["b"], folder["b/blender-4.2"], folder["c/blender"], folder["none"] })
        {
            Should.Throw<FileNotFoundException>(() => BlenderPlace.Named(wrong)).Message.ShouldBe($"AKC_BLENDER is {wrong}, and no executable blender is there: name it, or its folder");
        }
    }

    [Fact]
    public void A_download_has_its_data_beside_it()
    {
        folder.WriteProgram("b/blender", "");
        BlenderPlace.IsDownload(folder["b"]).ShouldBeFalse();
        folder.Write("b/4.2/scripts/x.py", "");
        BlenderPlace.IsDownload(folder["b"]).ShouldBeTrue();
    }

    [Theory]
    [InlineData("taxes.pdf")]
    [InlineData("secret.txt")]
    [InlineData("blender-scene.blend")]
    [InlineData("blenders")]
    [InlineData(".ssh/id_ed25519")]
    [InlineData("4.2.zip")]
    public void What_else_lies_in_its_folder_is_somebodys(string name)
    {
        folder.WriteProgram("b/blender", "");
        foreach (var own in new[] { "4.2/scripts/x.py", "lib/libtbb.so", "license/GPL.txt", "copyright.txt", "readme.html", "GPL3-license.txt", "blender.svg", "blender-symbolic.svg", "blender.desktop", "blender-thumbnailer.py" })
        {
            folder.Write("b/" + own, "");
        }

        BlenderPlace.Foreign(folder["b"]).ShouldBeNull();
        folder.Write("b/" + name, "");
        BlenderPlace.Foreign(folder["b"]).ShouldBe(name.Split('/')[0]);
    }
}
