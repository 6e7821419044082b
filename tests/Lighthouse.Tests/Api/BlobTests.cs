using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using AkkaCompute.Lighthouse.Tests.Nodes;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Api;

public sealed class BlobTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_goes_in_comes_out()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var ann = edge.Client((await edge.JoinAsync("ann")).UserToken);
        var bytes = RandomNumberGenerator.GetBytes(Tree.BlobBytesMax);
        var digest = Digest.Of(bytes);

        (await MissingAsync(ann, digest)).ShouldBe([digest]);
        (await PutAsync(ann, digest, bytes)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await PutAsync(ann, digest, bytes)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await MissingAsync(ann, digest)).ShouldBeEmpty();
        (await ann.GetByteArrayAsync(Routes.Blob(digest), Cancel)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [Fact]
    public async Task Other_bytes_than_the_digest_names_are_refused()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var digest = Digest.Of("right"u8);

        await EdgeUnderTest.ProblemAsync(await PutAsync(edge.Home, digest, "wrong"u8.ToArray()), HttpStatusCode.BadRequest);
        await EdgeUnderTest.ProblemAsync(await PutAsync(edge.Home, "no-digest", "wrong"u8.ToArray()), HttpStatusCode.BadRequest);

        await EdgeUnderTest.ProblemAsync(await edge.Home.GetAsync(Routes.Blob(digest), Cancel), HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_larger_than_a_blob_may_be_is_413(bool isChunked)
    {
        await using var edge = await EdgeUnderTest.StartAsync();

        // The size of a chunked body shows only at its end: the close of the connection may overtake the refusal then.
        for (var tries = isChunked ? 10 : 1; ; tries--)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, Routes.Blob(new string('a', 64)));
            request.Content = new ByteArrayContent(new byte[Tree.BytesMax + 1]);
            request.Headers.TransferEncodingChunked = isChunked;
            request.Headers.ExpectContinue = true; // so that the refusal is read before all is sent
            try
            {
                using var reply = await edge.Home.SendAsync(request, Cancel);
                (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.RequestEntityTooLarge)).Code.ShouldBe(ProblemCodes.TooLarge);
                return;
            }
            catch (HttpRequestException) when (tries > 1)
            {
            }
        }
    }

    [Fact]
    public async Task A_tree_of_as_many_files_as_it_may_have_goes_in_and_a_file_as_large_does_not()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var digests = Enumerable.Range(0, 10).Select(i => Digest.Of([(byte)i])).ToArray();
        var tree = new Tree([.. Enumerable.Range(0, Tree.FilesMax).Select(i => new TreeFile($"{new string('d', 70)}/{i}", 1, false, [digests[i % 10]]))]).ToBytes();
        tree.Length.ShouldBeInRange(Tree.BlobBytesMax + 1, Tree.BytesMax);
        var file = new byte[Tree.BlobBytesMax + 1];

        (await PutAsync(edge.Home, Digest.Of(tree), tree)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var refused = await PutAsync(edge.Home, Digest.Of(file), file);

        (await edge.Home.GetByteArrayAsync(Routes.Blob(Digest.Of(tree)), Cancel)).AsSpan().SequenceEqual(tree).ShouldBeTrue();
        (await EdgeUnderTest.ProblemAsync(refused, HttpStatusCode.RequestEntityTooLarge)).Detail.ShouldContain("16 MiB");
    }

    [Fact]
    public async Task A_node_with_many_jobs_reads_the_inputs_of_the_first()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var tree = new Tree([]).ToBytes();
        await PutAsync(edge.Home, Digest.Of(tree), tree);
        await using var node = await WireNode.ConnectAsync(edge);
        var template = new TaskTemplate(["true"], Digest.Of(tree), new Dictionary<string, string>(), [], null);
        await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(template: template));
        await node.NextAsync<LinkAssign>();

        for (var i = 0; i < 100; i++)
        {
            edge.Pool.Send(new(Protocol.Machines.Address.Node(node.Id), new ClaimAttempts($"job-{i}", [new(0, 1)])));
        }

        (await node.Http.GetAsync(Routes.Blob(Digest.Of(tree)), Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task With_the_end_of_its_job_a_node_has_nothing_to_fetch_and_nothing_to_bring()
    {
        var time = new ManualTime();
        await using var edge = await EdgeUnderTest.StartAsync(time);
        var tree = new Tree([]).ToBytes();
        await PutAsync(edge.Home, Digest.Of(tree), tree);
        await using var node = await WireNode.ConnectAsync(edge);
        time.Advance(TimeSpan.FromSeconds(LinkTimes.RecoverySeconds + 1));
        var result = "result"u8.ToArray();
        await EdgeUnderTest.ProblemAsync(await PutAsync(node.Http, Digest.Of(result), result), HttpStatusCode.ServiceUnavailable); // a node tries again: its claim may be on the way
        var ended = new TaskCompletionSource<string>();
        edge.Pool.Feed.Ended += id => ended.TrySetResult(id); // after the Lighthouse's own
        var template = new TaskTemplate(["true"], Digest.Of(tree), new Dictionary<string, string>(), [], null);
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(template: template))).Job.Id;
        var attempt = (await node.AssignedAsync()).Single();
        (await PutAsync(node.Http, Digest.Of(result), result)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        await node.FinishAsync(job, attempt);
        (await ended.Task.WaitAsync(Cancel)).ShouldBe(job);

        await EdgeUnderTest.ProblemAsync(await node.Http.GetAsync(Routes.Blob(Digest.Of(tree)), Cancel), HttpStatusCode.Forbidden);
        await EdgeUnderTest.ProblemAsync(await PutAsync(node.Http, Digest.Of("more"u8), "more"u8.ToArray()), HttpStatusCode.ServiceUnavailable);
        using var missing = await node.Http.PostAsJsonAsync(Routes.BlobsMissing, [Digest.Of("more"u8)], ProtocolJson.Default.ListString, Cancel);
        await EdgeUnderTest.ProblemAsync(missing, HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_node_reads_what_its_tasks_need_and_nothing_else()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var (file, other) = ("file"u8.ToArray(), "someone else's"u8.ToArray());
        var tree = new Tree([new TreeFile("f", file.Length, false, [Digest.Of(file)])]).ToBytes();
        foreach (var bytes in new[] { file, other, tree })
        {
            await PutAsync(edge.Home, Digest.Of(bytes), bytes);
        }

        await using var node = await WireNode.ConnectAsync(edge);
        (await node.Http.GetAsync(Routes.Blob(Digest.Of(file)), Cancel)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable); // not known yet: a node tries again
        var template = new TaskTemplate(["cat", new string('x', 80_000)], Digest.Of(tree), new Dictionary<string, string>(), [], null);
        await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(template: template));
        var assign = (await node.NextAsync<LinkAssign>()).Message;

        foreach (var digest in new[] { assign.TemplateDigest!, Digest.Of(tree), Digest.Of(file) })
        {
            (await node.Http.GetAsync(Routes.Blob(digest), Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await node.Http.GetAsync(Routes.Blob(Digest.Of(other)), Cancel)).IsSuccessStatusCode.ShouldBeFalse();
        (await PutAsync(node.Http, Digest.Of("result"u8), "result"u8.ToArray())).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await MissingAsync(node.Http, Digest.Of("none"u8))).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_node_of_long_standing_is_told_that_a_blob_is_not_for_it()
    {
        var time = new ManualTime();
        await using var edge = await EdgeUnderTest.StartAsync(time);
        await PutAsync(edge.Home, Digest.Of("secret"u8), "secret"u8.ToArray());
        await using var node = await WireNode.ConnectAsync(edge);
        time.Advance(TimeSpan.FromSeconds(LinkTimes.RecoverySeconds + 1));

        using var reply = await node.Http.GetAsync(Routes.Blob(Digest.Of("secret"u8)), Cancel);

        (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.Forbidden)).Code.ShouldBe(ProblemCodes.Forbidden);
    }

    [Fact]
    public async Task What_a_node_had_before_a_restart_of_the_Lighthouse_it_reads_once_the_job_counts_on_it()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var tree = new Tree([]).ToBytes();
        await PutAsync(edge.Home, Digest.Of(tree), tree);
        await using var node = await WireNode.ConnectAsync(edge);
        var template = new TaskTemplate(["true"], Digest.Of(tree), new Dictionary<string, string>(), [], null);
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(template: template, node: "nobody"))).Job;

        edge.Pool.Send(new(Protocol.Machines.Address.Node(node.Id), new ClaimAttempts(job.Id, [new(0, 1)])));
        await node.NextAsync<LinkClaim>();

        (await node.Http.GetAsync(Routes.Blob(Digest.Of(tree)), Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient http, string digest, byte[] bytes) =>
        http.PutAsync(Routes.Blob(digest), new ByteArrayContent(bytes), Cancel);

    private static async Task<IReadOnlyList<string>> MissingAsync(HttpClient http, params string[] digests)
    {
        using var reply = await http.PostAsJsonAsync(Routes.BlobsMissing, [.. digests], ProtocolJson.Default.ListString, Cancel);
        return await EdgeUnderTest.ReadAsync(reply, HttpStatusCode.OK, ProtocolJson.Default.ListString);
    }
}
