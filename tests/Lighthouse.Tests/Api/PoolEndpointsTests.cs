using System.Net;
using System.Net.Http.Json;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Lighthouse.Tests.Api;

public sealed class PoolEndpointsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_pool_describes_itself()
    {
        await using var edge = await EdgeUnderTest.StartAsync();

        var pool = await EdgeUnderTest.GetAsync(edge.Home, Routes.Pool, ProtocolJson.Default.PoolView);

        (pool.Id, pool.Name, pool.User, pool.Port, pool.Protocol).ShouldBe((edge.Ready.PoolId, "pool of raj", "raj", edge.Ready.Port, ProtocolVersion.Current));
        pool.Urls[^1].ShouldBe($"https://127.0.0.1:{edge.Ready.Port}");
        pool.CertificatePin.ShouldBe(edge.Ready.CertificatePin);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1e9, null)]
    [InlineData(3600, 0)]
    public async Task An_invite_out_of_its_limits_is_refused(double seconds, int? uses)
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var reply = await edge.Home.PostAsJsonAsync(Routes.Invites, new InviteRequest(seconds, uses), ProtocolJson.Default.InviteRequest, Cancel);
        await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_invite_has_a_code_a_day_and_an_address()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var reply = await edge.Home.PostAsync(Routes.Invites, null, Cancel);

        var invite = await EdgeUnderTest.ReadAsync(reply, HttpStatusCode.Created, ProtocolJson.Default.InviteView);

        JoinCode.Complaint(invite.Code).ShouldBeNull();
        invite.Urls.ShouldNotBeEmpty();
        invite.Expires.ShouldBe(DateTimeOffset.UtcNow.AddDays(1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task The_homes_own_node_stays_one_node()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await edge.JoinAsync("ann", "ann-pc");
        var (id, first) = await edge.LocalNodeAsync();

        var (again, second) = await edge.LocalNodeAsync("raj-laptop");

        again.ShouldBe(id);
        using var old = edge.Client(first);
        (await old.PostAsJsonAsync(Routes.BlobsMissing, [], ProtocolJson.Default.ListString, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var now = edge.Client(second);
        (await now.PostAsJsonAsync(Routes.BlobsMissing, [], ProtocolJson.Default.ListString, Cancel)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        using var taken = await edge.Home.PostAsJsonAsync(
            Routes.Nodes, new LocalNodeRequest("ANN-pc", new string('a', 64)), ProtocolJson.Default.LocalNodeRequest, Cancel);
        (await EdgeUnderTest.ProblemAsync(taken, HttpStatusCode.Conflict)).Code.ShouldBe(ProblemCodes.NameTaken);
    }

    [Fact]
    public async Task Nodes_show_where_they_are_and_what_they_run()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        new FakeNode(edge.Pool).Connect();
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit() with { Name = "my job" })).Job;
        using var changes = edge.Pool.Feed.Subscribe(job.Id);
        while ((await EdgeUnderTest.GetAsync(edge.Home, Routes.Job(job.Id), ProtocolJson.Default.JobView)).State != "running")
        {
            await changes.NextAsync(Cancel);
        }

        var node = (await EdgeUnderTest.GetAsync(edge.Home, Routes.Nodes, ProtocolJson.Default.ListNodeView)).Single();

        node.Status.ShouldBe("busy");
        node.Jobs.Single().ShouldBe(new NodeJobView(job.Id, "my job", "raj", 1));
    }
}
