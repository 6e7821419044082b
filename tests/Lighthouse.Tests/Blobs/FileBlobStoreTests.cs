using System.Text;
using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Lighthouse.Tests.Blobs;

public sealed class FileBlobStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private long _freeBytes = long.MaxValue;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_blob_is_read_back_as_it_was_put()
    {
        var blobs = Open();
        var bytes = Encoding.UTF8.GetBytes(new string('x', 300_000));
        var digest = Digest.Of(bytes);
        blobs.Has(digest).ShouldBeFalse();
        blobs.Open(digest).ShouldBeNull();

        await blobs.PutAsync(digest, new MemoryStream(bytes), Cancel);

        blobs.Has(digest).ShouldBeTrue();
        (await ReadAsync(blobs, digest)).ShouldBe(bytes);
        (await ReadAsync(Open(), digest)).ShouldBe(bytes);
        Files().ShouldBe([Path.Combine(digest[..2], digest[2..])]);
    }

    [Fact]
    public async Task Other_bytes_than_the_digest_names_are_refused_and_not_kept()
    {
        var blobs = Open();
        var digest = Digest.Of("right"u8);

        await Should.ThrowAsync<FormatException>(() => blobs.PutAsync(digest, new MemoryStream("wrong"u8.ToArray()), Cancel));

        blobs.Has(digest).ShouldBeFalse();
        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_blob_larger_than_its_limit_is_refused_and_not_kept()
    {
        var bytes = new byte[Tree.BlobBytesMax + 1];

        await Should.ThrowAsync<FormatException>(() => Open().PutAsync(Digest.Of(bytes), new MemoryStream(bytes), Cancel));

        Files().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("ABCDEF")]
    [InlineData("")]
    public async Task What_is_no_digest_names_nothing(string name)
    {
        var blobs = Open();

        blobs.Has(name).ShouldBeFalse();
        blobs.Open(name).ShouldBeNull();
        await Should.ThrowAsync<FormatException>(() => blobs.PutAsync(name, new MemoryStream(), Cancel));
    }

    [Fact]
    public async Task A_disk_that_is_nearly_full_takes_no_blobs()
    {
        var blobs = Open();
        _freeBytes = DiskSpace.ReserveBytes + 2;

        var refused = await Should.ThrowAsync<IOException>(() => blobs.PutAsync(Digest.Of("abc"u8), new MemoryStream("abc"u8.ToArray()), Cancel));
        refused.Message.ShouldStartWith("disk full");

        Files().ShouldBeEmpty();
        await Open().PutAsync(Digest.Of("ab"u8), new MemoryStream("ab"u8.ToArray()), Cancel);
    }

    [Fact]
    public async Task What_a_crash_left_half_written_is_removed_at_the_start()
    {
        var digest = Digest.Of("abc"u8);
        await Open().PutAsync(digest, new MemoryStream("abc"u8.ToArray()), Cancel);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "new", digest + ".x7"), "ab", Cancel);

        var blobs = Open();

        blobs.Has(digest).ShouldBeTrue();
        Files().Length.ShouldBe(1);
    }

    [Fact]
    public async Task Two_may_bring_the_same_blob_at_once()
    {
        var blobs = Open();
        var bytes = new byte[1_000_000];
        var digest = Digest.Of(bytes);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => blobs.PutAsync(digest, new MemoryStream(bytes), Cancel)));

        (await ReadAsync(blobs, digest)).ShouldBe(bytes);
        Files().Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_blob_whose_name_can_not_be_flushed_is_not_there_and_may_be_put_again()
    {
        var broken = false;
        var blobs = Open(_ =>
        {
            if (broken)
            {
                throw new IOException("no flush");
            }
        });
        var digest = Digest.Of("abc"u8);

        broken = true;
        await Should.ThrowAsync<IOException>(() => blobs.PutAsync(digest, new MemoryStream("abc"u8.ToArray()), Cancel));
        broken = false;

        blobs.Has(digest).ShouldBeFalse();
        blobs.Open(digest).ShouldBeNull();
        Files().ShouldBeEmpty();
        await blobs.PutAsync(digest, new MemoryStream("abc"u8.ToArray()), Cancel);
        blobs.Has(digest).ShouldBeTrue();
    }

    [Fact]
    public async Task A_blob_is_not_seen_before_its_name_is_flushed()
    {
        var digest = Digest.Of("abc"u8);
        FileBlobStore? blobs = null;
        var seen = new List<bool>();
        blobs = Open(_ => seen.Add(blobs?.Has(digest) == true));

        await blobs.PutAsync(digest, new MemoryStream("abc"u8.ToArray()), Cancel);

        seen.ShouldBe([false, false]); // at the start, and when it got its name
        blobs.Has(digest).ShouldBeTrue();
    }

    [Fact]
    public async Task A_blob_that_a_killed_Lighthouse_named_is_flushed_before_it_counts()
    {
        var digest = Digest.Of("abc"u8);
        await Open().PutAsync(digest, new MemoryStream("abc"u8.ToArray()), Cancel);
        var flushed = new List<string>();

        var blobs = Open(folder => flushed.Add(Path.GetRelativePath(_folder.Path, folder)));

        blobs.Has(digest).ShouldBeTrue();
        blobs.Has(digest).ShouldBeTrue();
        flushed.ShouldBe([".", digest[..2]]);
    }

    [Fact]
    public void All_folders_are_made_and_flushed_at_the_start()
    {
        var flushed = new List<string>();

        Open(flushed.Add);

        flushed.ShouldBe([_folder.Path]);
        Directory.GetDirectories(_folder.Path).Length.ShouldBe(257);
    }

    private static async Task<byte[]> ReadAsync(FileBlobStore blobs, string digest)
    {
        await using var stream = blobs.Open(digest).ShouldNotBeNull();
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Cancel);
        return bytes.ToArray();
    }

    private FileBlobStore Open(Action<string>? flushFolder = null) =>
        new(_folder.Path, new DiskSpace(() => _freeBytes, TimeProvider.System), flushFolder);

    private string[] Files() =>
        [.. Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder.Path, f))];
}
