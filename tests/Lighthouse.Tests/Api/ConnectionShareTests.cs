using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Lighthouse.Tests.Api;

public sealed class ConnectionShareTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_has_its_share_of_connections_and_the_homes_socket_is_apart()
    {
        await using var edge = await EdgeUnderTest.StartAsync(configure: times => times with { AddressConnectionsMax = 2 });
        using var first = edge.Client(null);
        using var second = edge.Client(null);
        using var third = edge.Client(null);
        (await first.GetStringAsync(Routes.Health, Cancel)).ShouldBe("ok"); // and stays open
        (await second.GetStringAsync(Routes.Health, Cancel)).ShouldBe("ok");

        await Should.ThrowAsync<HttpRequestException>(() => third.GetStringAsync(Routes.Health, Cancel));

        (await edge.Home.GetStringAsync(Routes.Health, Cancel)).ShouldBe("ok");
        (await first.GetStringAsync(Routes.Health, Cancel)).ShouldBe("ok");
        second.Dispose();
        while (!await IsLetInAsync(third)) // as soon as the Lighthouse has seen the other go
        {
            Cancel.ThrowIfCancellationRequested();
        }
    }

    private static async Task<bool> IsLetInAsync(HttpClient http)
    {
        try
        {
            return await http.GetStringAsync(Routes.Health, Cancel) == "ok";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
