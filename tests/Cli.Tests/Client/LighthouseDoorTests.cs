using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Tests;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Cli.Tests.Client;

public sealed class LighthouseDoorTests
{
    private static readonly string OtherPin = new('0', 64);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string NobodyThere
    {
        get
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return $"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        }
    }

    [Fact]
    public async Task Where_nobody_answers_at_the_first_address_it_tries_the_next_and_remembers_it()
    {
        await using var lighthouse = await FakeLighthouse.StartAsync(JobsAsync);
        var nobody = NobodyThere;
        using var client = lighthouse.Client(nobody, lighthouse.Url);
        client.Membership.Save(lighthouse.Home);

        (await ListAsync(client)).ShouldBeEmpty();

        client.Address.ShouldBe(new Uri(lighthouse.Url).Authority);
        Membership.Load(lighthouse.Home)!.Urls.ShouldBe([lighthouse.Url, nobody]); // first next time
    }

    [Fact]
    public async Task A_home_that_has_joined_another_pool_meanwhile_keeps_that_one()
    {
        await using var lighthouse = await FakeLighthouse.StartAsync(JobsAsync);
        using var client = lighthouse.Client(NobodyThere, lighthouse.Url);
        var other = client.Membership with { PoolId = "another-pool", UserToken = "another-token" };
        other.Save(lighthouse.Home);

        (await ListAsync(client)).ShouldBeEmpty();

        Membership.Load(lighthouse.Home)!.UserToken.ShouldBe("another-token");
    }

    /// <summary>A computer that is off, or another network's address: packets vanish, nothing is refused.</summary>
    [Fact]
    public async Task An_address_that_never_answers_does_not_hide_the_next_one()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var lighthouse = await FakeLighthouse.StartAsync(JobsAsync);
        using var client = lighthouse.Client($"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", lighthouse.Url);

        (await ListAsync(client)).ShouldBeEmpty();

        client.Address.ShouldBe(new Uri(lighthouse.Url).Authority);
    }

    [Fact]
    public async Task Another_certificate_is_refused_and_no_token_is_sent()
    {
        var requests = 0;
        await using var stranger = await FakeLighthouse.StartAsync(context =>
        {
            requests++;
            return JobsAsync(context);
        });
        using var client = stranger.Client(OtherPin, [stranger.Url]);

        var refused = await Should.ThrowAsync<AkcException>(() => ListAsync(client));

        refused.ExitCode.ShouldBe(ExitCodes.NotAuthorised);
        refused.Message.ShouldContain("another certificate");
        refused.ShouldNotBeOfType<UnreachableException>(); // waiting would not help
        requests.ShouldBe(0);
    }

    [Fact]
    public async Task A_stranger_at_an_old_address_does_not_keep_it_from_the_Lighthouse()
    {
        await using var stranger = await FakeLighthouse.StartAsync(JobsAsync);
        await using var lighthouse = await FakeLighthouse.StartAsync(JobsAsync);
        using var client = lighthouse.Client(stranger.Url, lighthouse.Url);

        (await ListAsync(client)).ShouldBeEmpty();

        client.Address.ShouldBe(new Uri(lighthouse.Url).Authority);
    }

    [Fact]
    public async Task A_stranger_is_told_of_though_another_address_is_silent()
    {
        await using var stranger = await FakeLighthouse.StartAsync(JobsAsync);
        using var client = stranger.Client(OtherPin, [stranger.Url, NobodyThere]);

        (await Should.ThrowAsync<AkcException>(() => ListAsync(client))).ExitCode.ShouldBe(ExitCodes.NotAuthorised);
    }

    [Fact]
    public async Task Nobody_anywhere_is_no_Lighthouse_and_names_the_addresses()
    {
        var (one, two) = (NobodyThere, NobodyThere);
        await using var elsewhere = await FakeLighthouse.StartAsync(JobsAsync);
        using var client = elsewhere.Client(one, two);

        var gone = await Should.ThrowAsync<UnreachableException>(() => ListAsync(client));

        gone.ExitCode.ShouldBe(ExitCodes.NoLighthouse);
        gone.Message.ShouldContain(new Uri(one).Authority);
        gone.Message.ShouldContain(new Uri(two).Authority);
    }

    [Fact]
    public async Task A_request_whose_connection_breaks_is_sent_again()
    {
        var requests = 0;
        await using var lighthouse = await FakeLighthouse.StartAsync(context =>
        {
            if (++requests == 1)
            {
                context.Abort();
                return Task.CompletedTask;
            }

            return JobsAsync(context);
        });
        using var client = lighthouse.Client();

        (await ListAsync(client)).ShouldBeEmpty();

        requests.ShouldBe(2);
    }

    [Fact]
    public async Task A_member_shows_its_token_and_an_owner_needs_none()
    {
        string? shown = null;
        await using var lighthouse = await FakeLighthouse.StartAsync(context =>
        {
            shown = context.Request.Headers.Authorization;
            return JobsAsync(context);
        });
        using var client = lighthouse.Client();

        await ListAsync(client);

        shown.ShouldBe("Bearer her-token");
    }

    [Fact]
    public async Task A_Lighthouse_that_moved_is_found_by_its_beacon()
    {
        using var on = new Variable("AKC_NO_BEACON", null);
        using var lan = new ShoutingLan();
        await using var lighthouse = await FakeLighthouse.StartAsync(JobsAsync);
        using var end = new CancellationTokenSource();
        var shouting = lan.ShoutAsync(new Beacon(ProtocolVersion.Current, "pool-1", "raj", new Uri(lighthouse.Url).Port), end.Token);
        using var client = lighthouse.Client(NobodyThere);

        (await ListAsync(client)).ShouldBeEmpty();

        client.Address.ShouldBe(new Uri(lighthouse.Url).Authority);
        await end.CancelAsync();
        await shouting;
    }

    [Fact]
    public async Task Who_shouts_another_pools_name_is_not_asked()
    {
        using var on = new Variable("AKC_NO_BEACON", null);
        using var lan = new ShoutingLan();
        await using var other = await FakeLighthouse.StartAsync(JobsAsync);
        using var end = new CancellationTokenSource();
        var shouting = lan.ShoutAsync(new Beacon(ProtocolVersion.Current, "pool-2", "raj", new Uri(other.Url).Port), end.Token);
        using var client = other.Client(NobodyThere);

        await Should.ThrowAsync<UnreachableException>(() => ListAsync(client));

        await end.CancelAsync();
        await shouting;
    }

    private static Task JobsAsync(HttpContext context) => FakeLighthouse.AnswerAsync(context, [], ProtocolJson.Default.ListJobView);

    private static Task<List<JobView>> ListAsync(PoolClient client) => client.GetAsync(Routes.Jobs, ProtocolJson.Default.ListJobView, Cancel);
}
