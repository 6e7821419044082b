using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Lighthouse.Tests.Api;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Lighthouse.Tests.Join;

/// <summary>Joins through real sockets and a real certificate.</summary>
public sealed class JoinTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_has_the_code_gets_in_and_its_tokens_work()
    {
        await using var edge = await EdgeUnderTest.StartAsync();

        var joined = await edge.JoinAsync("ann", "ann-pc");

        joined.PoolId.ShouldBe(edge.Ready.PoolId);
        joined.PoolName.ShouldBe("pool of raj");
        joined.CertificatePin.ShouldBe(edge.Ready.CertificatePin);
        joined.Urls[0].ShouldBe($"https://127.0.0.1:{edge.Ready.Port}");
        (joined.User, joined.NodeName).ShouldBe(("ann", "ann-pc"));
        Ids.IsValid(joined.NodeId).ShouldBeTrue();
        using var ann = edge.Client(joined.UserToken);
        (await EdgeUnderTest.GetAsync(ann, Routes.Pool, ProtocolJson.Default.PoolView)).User.ShouldBe("ann");
        using var node = edge.Client(joined.NodeToken);
        (await node.PostAsJsonAsync(Routes.BlobsMissing, [], ProtocolJson.Default.ListString, Cancel)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable); // known, and without work
    }

    [Fact]
    public async Task A_wrong_code_costs_time_and_proves_nothing()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var code = await edge.InviteAsync();
        var watch = System.Diagnostics.Stopwatch.StartNew();

        var refused = await Should.ThrowAsync<JoinException>(() => JoinClient.JoinAsync(edge.Url, JoinCode.New(), "ann", null, Cancel));

        watch.Elapsed.ShouldBeGreaterThan(Handshake.WrongCodeTime);
        refused.ProblemCode.ShouldBe(ProblemCodes.WrongCode);
        refused.Message.ShouldContain("akc invite");
        (await JoinClient.JoinAsync(edge.Url, code, "ann", null, Cancel)).User.ShouldBe("ann"); // nothing was half done
    }

    [Fact]
    public async Task What_can_not_be_a_code_is_not_sent()
    {
        var refused = await Should.ThrowAsync<JoinException>(
            () => JoinClient.JoinAsync(new Uri("https://127.0.0.1:1"), "not-a-code", "ann", null, Cancel));

        refused.ProblemCode.ShouldBe(ProblemCodes.BadRequest);
        refused.Message.ShouldContain("6 words");
    }

    [Fact]
    public async Task Where_nobody_listens_is_said()
    {
        var refused = await Should.ThrowAsync<JoinException>(
            () => JoinClient.JoinAsync(new Uri("https://127.0.0.1:1"), JoinCode.New(), "ann", null, Cancel));

        refused.ProblemCode.ShouldBe(ProblemCodes.NotReady);
        refused.Message.ShouldContain("127.0.0.1:1");
    }

    [Fact]
    public async Task A_code_ends_and_says_so()
    {
        var time = new ManualTime();
        await using var edge = await EdgeUnderTest.StartAsync(time);
        var code = await edge.InviteAsync(new InviteRequest(ValidSeconds: 60));
        (await JoinClient.JoinAsync(edge.Url, code, "ann", null, Cancel)).User.ShouldBe("ann");

        time.Advance(TimeSpan.FromSeconds(61));

        var refused = await Should.ThrowAsync<JoinException>(() => JoinClient.JoinAsync(edge.Url, code, "bob", null, Cancel));
        refused.ProblemCode.ShouldBe(ProblemCodes.ExpiredCode);
        refused.Message.ShouldContain("2030-01-01 00:01");
        refused.Message.ShouldContain("akc invite");
    }

    [Fact]
    public async Task A_code_of_one_use_serves_one()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var code = await edge.InviteAsync(new InviteRequest(UsesMax: 1));
        await JoinClient.JoinAsync(edge.Url, code, "ann", null, Cancel);

        var refused = await Should.ThrowAsync<JoinException>(() => JoinClient.JoinAsync(edge.Url, code, "bob", null, Cancel));

        refused.ProblemCode.ShouldBe(ProblemCodes.ExpiredCode);
    }

    [Fact]
    public async Task After_too_many_wrong_codes_even_the_right_one_waits()
    {
        var time = new ManualTime();
        await using var edge = await EdgeUnderTest.StartAsync(time);
        var code = await edge.InviteAsync();
        using var http = edge.Client(null);
        foreach (var wrong in await Task.WhenAll(Enumerable.Range(0, TryLimits.AddressTriesMax).Select(_ => ProveAsync(http, proof: new byte[32]))))
        {
            (await EdgeUnderTest.ProblemAsync(wrong, HttpStatusCode.Forbidden)).Code.ShouldBe(ProblemCodes.WrongCode);
        }

        var refused = await Should.ThrowAsync<JoinException>(() => JoinClient.JoinAsync(edge.Url, code, "ann", null, Cancel));
        refused.ProblemCode.ShouldBe(ProblemCodes.TooManyTries);
        refused.Message.ShouldContain("try again after");

        time.Advance(TryLimits.AddressWindow);
        (await JoinClient.JoinAsync(edge.Url, code, "ann", null, Cancel)).User.ShouldBe("ann");
    }

    [Fact]
    public async Task Names_are_unique_and_a_refused_join_leaves_nothing()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var ann = await edge.JoinAsync("ann", "pc");

        (await RefusedAsync(edge, "Ann", null)).Message.ShouldContain("--user");
        (await RefusedAsync(edge, "raj", null)).Message.ShouldContain("--user"); // the owner
        (await RefusedAsync(edge, "bob", "PC")).Message.ShouldContain("--name");

        (await edge.JoinAsync("bob")).User.ShouldBe("bob"); // the name of the refused join is still free
        var again = await JoinClient.JoinAsync(
            edge.Url, await edge.InviteAsync(), "ann", "pc", Cancel, new JoinTokens(ann.PoolId, ann.UserToken, ann.NodeToken));
        (again.UserToken, again.NodeId).ShouldBe((ann.UserToken, ann.NodeId));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ann")]
    [InlineData("a\nb")]
    [InlineData("-n")]
    [InlineData("a/b")]
    [InlineData("a very long name that fits no column of any list")]
    public async Task Names_that_fit_no_list_are_refused(string name)
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var refused = await Should.ThrowAsync<JoinException>(() => edge.JoinAsync(name));
        refused.ProblemCode.ShouldBe(ProblemCodes.BadRequest);
        refused.Message.ShouldContain("--user");
    }

    [Fact]
    public async Task Another_protocol_is_told_which_side_to_upgrade()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var http = edge.Client(null);

        using var reply = await http.PostAsJsonAsync(Routes.Join, Request() with { Protocol = 99 }, ProtocolJson.Default.JoinRequest, Cancel);

        (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.UpgradeRequired)).Detail.ShouldContain("upgrade");
    }

    [Fact]
    public async Task A_challenge_serves_one_try()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var code = await edge.InviteAsync();
        using var http = edge.Client(null);
        using var first = await http.PostAsJsonAsync(Routes.Join, Request(), ProtocolJson.Default.JoinRequest, Cancel);
        var challenge = await EdgeUnderTest.ReadAsync(first, HttpStatusCode.OK, ProtocolJson.Default.JoinChallenge);
        var key = JoinProof.Key(code, challenge.PoolId);
        var hash = SHA256.HashData(edge.Certificate);
        var request = Request();
        var proof = JoinProof.Of(key, JoinProof.ClientLabel, hash, challenge.ServerNonce, request);
        request = request with { JoinId = challenge.JoinId, Proof = proof };

        using var right = await http.PostAsJsonAsync(Routes.Join, request, ProtocolJson.Default.JoinRequest, Cancel);
        right.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var again = await http.PostAsJsonAsync(Routes.Join, request, ProtocolJson.Default.JoinRequest, Cancel);

        again.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_proof_holds_for_its_own_claims_alone()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var code = await edge.InviteAsync();
        using var http = edge.Client(null);
        using var first = await http.PostAsJsonAsync(Routes.Join, Request(), ProtocolJson.Default.JoinRequest, Cancel);
        var challenge = await EdgeUnderTest.ReadAsync(first, HttpStatusCode.OK, ProtocolJson.Default.JoinChallenge);
        var hash = SHA256.HashData(edge.Certificate);
        var request = Request();
        var proof = JoinProof.Of(JoinProof.Key(code, challenge.PoolId), JoinProof.ClientLabel, hash, challenge.ServerNonce, request);

        using var other = await http.PostAsJsonAsync(
            Routes.Join, request with { JoinId = challenge.JoinId, Proof = proof, User = "eve" }, ProtocolJson.Default.JoinRequest, Cancel);

        (await EdgeUnderTest.ProblemAsync(other, HttpStatusCode.Forbidden)).Code.ShouldBe(ProblemCodes.WrongCode);
    }

    [Fact]
    public async Task Codes_tokens_and_their_words_are_nowhere_on_disk()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var code = await edge.InviteAsync();
        var joined = await JoinClient.JoinAsync(edge.Url, code, "ann", "pc", Cancel);

        foreach (var file in Directory.EnumerateFiles(edge.Folder, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length > 0))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var text = await new StreamReader(stream, System.Text.Encoding.Latin1).ReadToEndAsync(Cancel);
            foreach (var secret in new[] { code, joined.UserToken, joined.NodeToken! })
            {
                text.ShouldNotContain(secret);
            }
        }
    }

    private static async Task<JoinException> RefusedAsync(EdgeUnderTest edge, string user, string? node)
    {
        var refused = await Should.ThrowAsync<JoinException>(() => edge.JoinAsync(user, node));
        refused.ProblemCode.ShouldBe(ProblemCodes.NameTaken);
        return refused;
    }

    private static JoinRequest Request() =>
        new(ProtocolVersion.Current, new byte[JoinProof.NonceBytes], null, null, "ann", null, new string('a', 64), null);

    private static async Task<HttpResponseMessage> ProveAsync(HttpClient http, byte[] proof)
    {
        using var first = await http.PostAsJsonAsync(Routes.Join, Request(), ProtocolJson.Default.JoinRequest, Cancel);
        var challenge = await EdgeUnderTest.ReadAsync(first, HttpStatusCode.OK, ProtocolJson.Default.JoinChallenge);
        return await http.PostAsJsonAsync(
            Routes.Join, Request() with { JoinId = challenge.JoinId, Proof = proof }, ProtocolJson.Default.JoinRequest, Cancel);
    }
}
