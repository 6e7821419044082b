using System.Net;
using System.Net.Sockets;
using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Cli.Tests.Client;

public sealed class LighthouseDoorTests
{
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
        using var client = FakeLighthouse.Client(lighthouse.Pin, NobodyThere, lighthouse.Url);

        (await ListAsync(client)).ShouldBeEmpty();

        client.Address.ShouldBe(lighthouse.Url);
    }

    /// <summary>A computer that is off, or another network's address: packets vanish, nothing is refused.</summary>
    [Fact]
    public async Task An_address_that_never_answers_does_not_hide_the_next_one()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var lighthouse = await FakeLighthouse.StartAsync(JobsAsync);
        using var client = FakeLighthouse.Client(lighthouse.Pin, $"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", lighthouse.Url);

        (await ListAsync(client)).ShouldBeEmpty();

        client.Address.ShouldBe(lighthouse.Url);
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
        using var client = FakeLighthouse.Client(new string('0', 64), stranger.Url);

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
        using var client = FakeLighthouse.Client(lighthouse.Pin, stranger.Url, lighthouse.Url);

        (await ListAsync(client)).ShouldBeEmpty();

        client.Address.ShouldBe(lighthouse.Url);
    }

    [Fact]
    public async Task A_stranger_is_told_of_though_another_address_is_silent()
    {
        await using var stranger = await FakeLighthouse.StartAsync(JobsAsync);
        using var client = FakeLighthouse.Client(new string('0', 64), stranger.Url, NobodyThere);

        (await Should.ThrowAsync<AkcException>(() => ListAsync(client))).ExitCode.ShouldBe(ExitCodes.NotAuthorised);
    }

    [Fact]
    public async Task Nobody_anywhere_is_no_Lighthouse_and_names_the_addresses()
    {
        var (one, two) = (NobodyThere, NobodyThere);
        using var client = FakeLighthouse.Client(new string('0', 64), one, two);

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

    private static Task JobsAsync(HttpContext context) => FakeLighthouse.AnswerAsync(context, [], ProtocolJson.Default.ListJobView);

    private static Task<List<JobView>> ListAsync(PoolClient client) => client.GetAsync(Routes.Jobs, ProtocolJson.Default.ListJobView, Cancel);
}
