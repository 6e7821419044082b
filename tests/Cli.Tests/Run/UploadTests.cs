using System.Collections.Concurrent;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Tests.Client;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Cli.Tests.Run;

public sealed class UploadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_what_the_Lighthouse_lacks_is_sent_and_the_tree_names_all()
    {
        using var folder = new TestFolder();
        await using var pool = await PoolUnderTest.StartAsync();
        var old = await pool.BlobAsync("known"u8.ToArray());
        folder.Write("known.txt", "known");
        folder.Write("sub/new.sh", "fresh", executable: true);
        folder.Write("empty");
        var inputs = Inputs("known.txt", "sub/new.sh", "empty");

        var digest = await Upload.SendAsync(pool.Client, inputs.Outgoing, Cancel);

        var tree = Tree.Parse(await pool.Client.GetBlobAsync(digest!, Tree.BlobBytesMax, Cancel));
        tree.Files.Select(f => (f.Path, f.Bytes, f.Executable)).ShouldBe([("empty", 0, false), ("known.txt", 5, false), ("sub/new.sh", 5, true)]);
        tree.Files[0].Blobs.ShouldBeEmpty();
        tree.Files[1].Blobs.ShouldBe([old]);
        (await pool.Client.GetBlobAsync(tree.Files[2].Blobs.Single(), 100, Cancel)).ShouldBe("fresh"u8.ToArray());
    }

    [Fact]
    public async Task What_is_there_already_and_what_is_twice_travels_not_again()
    {
        using var folder = new TestFolder();
        folder.Write("a", "same");
        folder.Write("b", "same");
        folder.Write("c", "known");
        var known = Digest.Of("known"u8);
        var sent = new ConcurrentQueue<string>();
        await using var lighthouse = await FakeLighthouse.StartAsync(context => AnswerAsync(context, sent, digest => digest != known));
        using var client = lighthouse.Client();

        var tree = await Upload.SendAsync(client, Inputs("a", "b", "c").Outgoing, Cancel);

        sent.ShouldBe([Digest.Of("same"u8), tree!]);
    }

    [Fact]
    public async Task A_large_file_is_several_blobs_that_are_its_content()
    {
        using var folder = new TestFolder();
        var content = new byte[Tree.BlobBytesMax + 5];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(folder["large"], content);
        await using var pool = await PoolUnderTest.StartAsync();

        var digest = await Upload.SendAsync(pool.Client, Inputs("large").Outgoing, Cancel);

        var file = Tree.Parse(await pool.Client.GetBlobAsync(digest!, Tree.BlobBytesMax, Cancel)).Files.Single();
        file.Bytes.ShouldBe(content.Length);
        file.Blobs.ShouldBe([Digest.Of(content.AsSpan(0, Tree.BlobBytesMax)), Digest.Of(content.AsSpan(Tree.BlobBytesMax))]);
        (await pool.Client.GetBlobAsync(file.Blobs[1], 100, Cancel)).ShouldBe(content[^5..]);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("x")]
    public async Task A_file_that_changes_while_it_is_sent_stops_the_submit(string becomes)
    {
        using var folder = new TestFolder();
        folder.Write("data.csv", "first");
        var sent = new ConcurrentQueue<string>();
        await using var lighthouse = await FakeLighthouse.StartAsync(async context =>
        {
            if (context.Request.Path == Routes.BlobsMissing)
            {
                await File.WriteAllTextAsync(folder["data.csv"], becomes); // between its digest and its bytes
            }

            await AnswerAsync(context, sent, _ => true);
        });
        using var client = lighthouse.Client();

        var stopped = await Should.ThrowAsync<AkcException>(() => Upload.SendAsync(client, Inputs("data.csv").Outgoing, Cancel));

        stopped.Message.ShouldContain("data.csv");
        sent.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_can_not_be_read_is_named()
    {
        using var folder = new TestFolder();
        folder.Write("gone.txt", "1");
        var inputs = Inputs("gone.txt");
        File.Delete(folder["gone.txt"]);
        await using var pool = await PoolUnderTest.StartAsync();

        (await Should.ThrowAsync<AkcException>(() => Upload.SendAsync(pool.Client, inputs.Outgoing, Cancel))).Message.ShouldContain("gone.txt");
    }

    [Fact]
    public async Task Without_files_there_is_no_tree_and_nothing_is_asked()
    {
        await using var nobody = await FakeLighthouse.StartAsync(_ => throw new InvalidOperationException("asked"));
        using var client = nobody.Client();

        (await Upload.SendAsync(client, new InputFiles().Outgoing, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task A_Lighthouse_without_room_is_exit_7()
    {
        using var folder = new TestFolder();
        folder.Write("a", "1");
        await using var full = await FakeLighthouse.StartAsync(context => context.Request.Method == "PUT"
            ? FakeLighthouse.RefuseAsync(context, 507, ProblemCodes.DiskFull, "no room on the Lighthouse's disk")
            : AnswerAsync(context, new(), _ => true));
        using var client = full.Client();

        (await Should.ThrowAsync<AkcException>(() => Upload.SendAsync(client, Inputs("a").Outgoing, Cancel))).ExitCode.ShouldBe(ExitCodes.Disk);
    }

    private static InputFiles Inputs(params string[] names)
    {
        var inputs = new InputFiles();
        names.ToList().ForEach(inputs.AddArgument);
        return inputs;
    }

    private static async Task AnswerAsync(HttpContext context, ConcurrentQueue<string> sent, Func<string, bool> lacks)
    {
        if (context.Request.Path == Routes.BlobsMissing)
        {
            var asked = await context.Request.ReadFromJsonAsync(ProtocolJson.Default.ListString);
            await FakeLighthouse.AnswerAsync(context, [.. asked!.Where(lacks)], ProtocolJson.Default.ListString);
            return;
        }

        context.Request.Method.ShouldBe("PUT");
        sent.Enqueue(context.Request.Path.Value!.Split('/')[^1]);
        await context.Request.Body.CopyToAsync(Stream.Null);
    }
}
