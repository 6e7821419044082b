using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AkkaCompute.Lighthouse.Tests.Api;

/// <summary>Nobody takes part uninvited, and nodes stay in their place.</summary>
public sealed class AccessTests
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_token_of_this_pool_every_route_is_401_and_nothing_else()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var other = await EdgeUnderTest.StartAsync();
        var foreign = (await other.JoinAsync("ann")).UserToken;
        string[] paths = [.. PathsOf(edge).Select(p => p.Path).Append("/").Append("/no/such").Append("/api/v1/nothing")];
        paths.Length.ShouldBeGreaterThan(15);

        foreach (var token in new[] { null, "wrong", JoinProof.NewToken(), foreign, new string('x', 100_0) })
        {
            using var http = edge.Client(token);
            foreach (var path in paths.Distinct())
            {
                foreach (var method in Methods)
                {
                    if ((method, path) is ("GET", Routes.Health) or ("POST", Routes.Join))
                    {
                        continue;
                    }

                    using var request = new HttpRequestMessage(new HttpMethod(method), path);
                    using var reply = await http.SendAsync(request, Cancel);
                    reply.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
                    var body = await reply.Content.ReadAsStringAsync(Cancel);
                    body.ShouldNotContain("raj");
                    body.ShouldNotContain(edge.Ready.PoolId);
                    if (method != "HEAD")
                    {
                        body.ShouldContain("\"code\":\"unauthorized\"");
                    }
                }
            }
        }
    }

    [Fact]
    public async Task Every_endpoint_says_who_may_use_it_and_only_two_are_open()
    {
        await using var edge = await EdgeUnderTest.StartAsync();

        var marked = edge.Server.Endpoints.OfType<RouteEndpoint>()
            .Select(e => (Path: e.RoutePattern.RawText, e.Metadata.GetMetadata<AccessMark>()?.Access)).ToList();

        marked.ShouldAllBe(e => e.Access != null);
        marked.Where(e => e.Access == Access.Anyone).Select(e => e.Path).ShouldBe([Routes.Health, Routes.Join], ignoreOrder: true);
    }

    [Fact]
    public async Task The_open_routes_are_open_and_tell_nothing()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var http = edge.Client(null);

        (await http.GetStringAsync(Routes.Health, Cancel)).ShouldBe("ok");
        using var bad = await http.PostAsync(Routes.Join, new StringContent("{"), Cancel);
        await EdgeUnderTest.ProblemAsync(bad, HttpStatusCode.BadRequest);
        using var large = await http.PostAsync(Routes.Join, new ByteArrayContent(new byte[9_000]), Cancel);
        (await EdgeUnderTest.ProblemAsync(large, HttpStatusCode.RequestEntityTooLarge)).Code.ShouldBe(ProblemCodes.TooLarge);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task A_WebSocket_without_a_nodes_token_is_not_opened(string? token)
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        (await UpgradeAsync(edge, token)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_persons_token_never_reaches_the_link()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        (await UpgradeAsync(edge, (await edge.JoinAsync("ann")).UserToken)).ShouldBe(HttpStatusCode.Forbidden);
        using var owner = await edge.Home.GetAsync(Routes.Link, Cancel);
        owner.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_nodes_token_reaches_its_link_and_blobs_alone()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var http = edge.Client((await edge.JoinAsync("ann", "pc")).NodeToken);

        foreach (var (method, path) in PathsOf(edge).Where(p => !p.Path.StartsWith(Routes.Blob(""), StringComparison.Ordinal) && p.Path is not (Routes.Health or Routes.Join or Routes.Link)))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using var reply = await http.SendAsync(request, Cancel);
            (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.Forbidden)).Code.ShouldBe(ProblemCodes.Forbidden, $"{method} {path}");
        }
    }

    [Fact]
    public async Task What_only_the_home_may_do_a_friend_may_not()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var ann = edge.Client((await edge.JoinAsync("ann")).UserToken);

        foreach (var path in new[] { Routes.Shutdown, Routes.Nodes, Routes.Invites })
        {
            using var reply = await ann.PostAsJsonAsync(path, new InviteRequest(), ProtocolJson.Default.InviteRequest, Cancel);
            await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.Forbidden);
        }

        edge.Shutdown.IsCompleted.ShouldBeFalse();
        using var down = await edge.Home.PostAsync(Routes.Shutdown, null, Cancel);
        down.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await edge.Shutdown.WaitAsync(Cancel);
    }

    [Fact]
    public async Task A_wrong_token_over_the_homes_socket_is_no_way_to_be_its_owner()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.Pool);
        request.Headers.Authorization = PoolHttp.Bearer("wrong");

        using var reply = await edge.Home.SendAsync(request, Cancel);

        await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task What_is_not_there_is_404_for_who_may_ask()
    {
        await using var edge = await EdgeUnderTest.StartAsync();

        using var route = await edge.Home.GetAsync("/api/v1/nothing", Cancel);
        (await EdgeUnderTest.ProblemAsync(route, HttpStatusCode.NotFound)).Code.ShouldBe(ProblemCodes.NotFound);
        using var method = await edge.Home.DeleteAsync(Routes.Pool, Cancel);
        (await EdgeUnderTest.ProblemAsync(method, HttpStatusCode.NotFound)).Detail.ShouldContain("DELETE");
    }

    private static IEnumerable<(string Method, string Path)> PathsOf(EdgeUnderTest edge) =>
        from endpoint in edge.Server.Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        select (method, endpoint.RoutePattern.RawText!.Replace("{id}", "abc").Replace("{digest}", new string('a', 64)));

    private static async Task<HttpStatusCode> UpgradeAsync(EdgeUnderTest edge, string? token)
    {
        using var http = edge.Client(token);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(new Uri(edge.Url.ToString().Replace("https", "wss") + Routes.Link[1..]), http, Cancel));
        return socket.HttpStatusCode;
    }
}
