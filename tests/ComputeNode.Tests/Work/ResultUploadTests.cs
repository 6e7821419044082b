using AkkaCompute.ComputeNode.Tests.Inputs;
using AkkaCompute.ComputeNode.Tests.Link;
using AkkaCompute.ComputeNode.Work;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.ComputeNode.Tests.Work;

public sealed class ResultUploadTests
{
    [Fact]
    public async Task What_is_too_much_is_neither_read_nor_sent()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a file with holes");
        using var folder = new TempFolder();
        var file = new FileInfo(Path.Combine(folder.Path, "big"));
        await using (var big = file.Create())
        {
            big.SetLength(Tree.TotalBytesMax + 1);
        }

        var uploading = ResultUpload.SendAsync(new MemoryLighthouse(), [("big", file)], TestContext.Current.CancellationToken);

        uploading.IsFaulted.ShouldBeTrue("at once"); // to read it takes many minutes
        (await Should.ThrowAsync<IOException>(() => uploading)).Message.ShouldContain("256 GiB");
    }
}
