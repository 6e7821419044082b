using System.Text;
using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.ComputeNode.Tests.Link;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.ComputeNode.Tests.Inputs;

public sealed class BlobCacheTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly MemoryLighthouse lighthouse = new();
    private readonly BlobCache cache;

    public BlobCacheTests() => cache = new BlobCache(folder.Path, lighthouse);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_blob_is_fetched_once_and_kept_over_a_restart()
    {
        var digest = lighthouse.Keep("data");
        Encoding.UTF8.GetString(await cache.ReadAsync(digest, Cancel)).ShouldBe("data");
        await cache.FetchAsync(digest, Cancel);
        var file = await new BlobCache(folder.Path, lighthouse).FetchAsync(digest, Cancel);

        (await File.ReadAllTextAsync(file, Cancel)).ShouldBe("data");
        lighthouse.Downloads.ShouldBe(1);
    }

    [Fact]
    public async Task Other_bytes_than_the_digest_says_are_not_taken_and_can_be_had_later()
    {
        var digest = Digest.Of("data"u8);
        lighthouse.Blobs[digest] = "Data"u8.ToArray();
        var error = await Should.ThrowAsync<IOException>(cache.FetchAsync(digest, Cancel));
        error.Message.ShouldContain("other bytes");
        Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).ShouldBeEmpty();

        lighthouse.Blobs[digest] = "data"u8.ToArray();
        Encoding.UTF8.GetString(await cache.ReadAsync(digest, Cancel)).ShouldBe("data");
    }

    [Fact]
    public async Task A_blob_that_the_Lighthouse_lacks_is_an_IOException_and_leaves_nothing()
    {
        (await Should.ThrowAsync<IOException>(cache.FetchAsync(new string('a', 64), Cancel))).Message.ShouldContain("no such blob");
        Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_download_serves_all_who_wait()
    {
        var digest = lighthouse.Keep("data");
        var gate = new TaskCompletionSource();
        lighthouse.Gate = gate.Task;
        var fetches = Enumerable.Range(0, 10).Select(_ => cache.FetchAsync(digest, Cancel)).ToList();
        gate.SetResult();
        var files = await Task.WhenAll(fetches);

        files.Distinct().Count().ShouldBe(1);
        lighthouse.Downloads.ShouldBe(1);
    }

    [Fact]
    public async Task Who_waits_gets_it_although_the_one_who_asked_first_was_stopped()
    {
        var digest = lighthouse.Keep("data");
        var gate = new TaskCompletionSource();
        lighthouse.Gate = gate.Task;
        using var stopped = new CancellationTokenSource();
        var first = cache.FetchAsync(digest, stopped.Token);
        var second = cache.FetchAsync(digest, Cancel);
        await stopped.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        gate.SetResult();

        (await File.ReadAllTextAsync(await second, Cancel)).ShouldBe("data");
    }
}
