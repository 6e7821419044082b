using AkkaCompute.ComputeNode.Link;

namespace AkkaCompute.ComputeNode.Tests.Link;

public sealed class LighthouseAddressesTests
{
    [Fact]
    public void Known_addresses_come_first_and_nonsense_is_left_out()
    {
        var addresses = new LighthouseAddresses(["https://a:1", "not a url", "https://a:1/", "https://b:1"]);
        addresses.Heard(new Uri("https://c:1"));

        addresses.Candidates().Select(u => u.Host).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public void Whoever_shouts_beacons_fills_no_memory()
    {
        var addresses = new LighthouseAddresses(["https://a:1"]);
        for (var i = 0; i < 1000; i++)
        {
            addresses.Heard(new Uri($"https://h{i}:1"));
        }

        addresses.Candidates().Count.ShouldBe(1 + LighthouseAddresses.HeardMax);
        addresses.Candidates()[1].Host.ShouldBe("h999");
    }

    [Fact]
    public void An_address_that_worked_is_first_from_then_on()
    {
        var addresses = new LighthouseAddresses(["https://a:1", "https://b:1"]);

        addresses.Worked(new Uri("https://a:1")).ShouldBeNull();
        addresses.Worked(new Uri("https://c:7420")).ShouldBe(["https://c:7420", "https://a:1", "https://b:1"]);
        addresses.Worked(new Uri("https://c:7420")).ShouldBeNull();
    }
}
