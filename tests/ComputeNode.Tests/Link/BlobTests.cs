using System.Net.Http.Json;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.ComputeNode.Tests.Link;

public sealed class BlobTests : IDisposable
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 7 / 3))];
    private static readonly string Name = Digest.Of(Bytes);
    private readonly TempFolder folder = new();

    private string SocketPath => folder["l.sock"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_blob_goes_up_whole_with_the_nodes_token()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        var stored = new MemoryStream();
        lighthouse.Http = async context =>
        {
            context.Request.Headers.Authorization.ToString().ShouldBe("Bearer " + FakeLighthouse.Token);
            context.Request.Method.ShouldBe("PUT");
            context.Request.Path.Value.ShouldBe(Routes.Blob(Name));
            await context.Request.Body.CopyToAsync(stored, Cancel);
        };
        await using var node = LinkFixture.OverSocket(SocketPath);

        await node.Link.UploadBlobAsync(Name, () => new MemoryStream(Bytes), Cancel);

        stored.ToArray().ShouldBe(Bytes);
    }

    [Fact]
    public async Task A_transfer_waits_for_a_Lighthouse_that_is_down_and_through_one_that_fails()
    {
        await using var node = LinkFixture.OverSocket(SocketPath);
        var into = new MemoryStream();
        var download = node.Link.DownloadBlobAsync(Name, into, Cancel);
        await node.ToldAsync<string>(line => line.Contains("no Lighthouse"));
        download.IsCompleted.ShouldBeFalse();

        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        var tries = 0;
        lighthouse.Http = async context =>
        {
            switch (++tries)
            {
                case 1:
                    context.Response.StatusCode = 503;
                    break;
                case 2:
                    await context.Response.Body.WriteAsync(Bytes.AsMemory(0, 100_000), Cancel);
                    await context.Response.Body.FlushAsync(Cancel);
                    context.Abort();
                    break;
                default:
                    await context.Response.Body.WriteAsync(Bytes, Cancel);
                    break;
            }
        };
        await download;

        tries.ShouldBe(3);
        into.ToArray().ShouldBe(Bytes);
    }

    [Fact]
    public async Task A_transfer_that_stands_still_is_tried_again()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        var tries = 0;
        lighthouse.Http = context => ++tries == 1 ? Task.Delay(Timeout.Infinite, context.RequestAborted) : context.Response.Body.WriteAsync(Bytes, Cancel).AsTask();
        await using var node = LinkFixture.OverSocket(SocketPath, LinkFixture.Options with { BlobStall = TimeSpan.FromMilliseconds(100) });

        var into = new MemoryStream();
        await node.Link.DownloadBlobAsync(Name, into, Cancel);

        into.ToArray().ShouldBe(Bytes);
        tries.ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData(507, "the Lighthouse's disk is full")]
    [InlineData(413, "too large")]
    [InlineData(409, "other bytes than its name says")]
    public async Task A_refused_upload_is_told_once_for_people(int status, string says)
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        var tries = 0;
        lighthouse.Http = context =>
        {
            tries++;
            return Results.Json(new Problem("about:blank", "Conflict", status, "other bytes than its name says", "conflict"), ProtocolJson.Default.Problem, "application/problem+json", status)
                .ExecuteAsync(context);
        };
        await using var node = LinkFixture.OverSocket(SocketPath);

        var refused = await Should.ThrowAsync<IOException>(node.Link.UploadBlobAsync(Name, () => new MemoryStream(Bytes), Cancel));

        refused.Message.ShouldContain(says);
        tries.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_cant_be_read_ends_the_upload()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        lighthouse.Http = context => context.Request.Body.CopyToAsync(Stream.Null, Cancel);
        await using var node = LinkFixture.OverSocket(SocketPath);

        var broken = await Should.ThrowAsync<IOException>(node.Link.UploadBlobAsync(Name, () => new BrokenStream(), Cancel));

        broken.Message.ShouldContain("the disk is on fire");
    }

    [Fact]
    public async Task A_blob_that_is_not_there_is_told_as_such()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        await using var node = LinkFixture.OverSocket(SocketPath);

        await Should.ThrowAsync<FileNotFoundException>(node.Link.DownloadBlobAsync(Name, new MemoryStream(), Cancel));
    }

    [Fact]
    public async Task A_full_disk_on_this_side_ends_the_download()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        lighthouse.Http = context => context.Response.Body.WriteAsync(Bytes, Cancel).AsTask();
        await using var node = LinkFixture.OverSocket(SocketPath);

        var broken = await Should.ThrowAsync<IOException>(node.Link.DownloadBlobAsync(Name, new BrokenStream(), Cancel));

        broken.Message.ShouldContain("the disk is on fire");
    }

    [Fact]
    public async Task Missing_blobs_are_asked_for_in_batches()
    {
        await using var lighthouse = await FakeLighthouse.OverSocketAsync(SocketPath);
        var requests = 0;
        lighthouse.Http = async context =>
        {
            requests++;
            var asked = await context.Request.ReadFromJsonAsync(ProtocolJson.Default.ListString, Cancel);
            await context.Response.WriteAsJsonAsync([.. asked!.Where(d => d.EndsWith('7'))], ProtocolJson.Default.ListString, cancellationToken: Cancel);
        };
        await using var node = LinkFixture.OverSocket(SocketPath);

        var missing = await node.Link.MissingBlobsAsync([.. Enumerable.Range(0, 2500).Select(i => $"digest{i}")], Cancel);

        missing.Count.ShouldBe(250);
        requests.ShouldBe(3);
        (await node.Link.MissingBlobsAsync([], Cancel)).ShouldBeEmpty();
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("the disk is on fire");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("the disk is on fire");
    }
}
