using System.Net;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Lighthouse.Tests.Runtime;

namespace AkkaCompute.Lighthouse.Tests.Join;

public sealed class TryLimitsTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Five_a_minute_from_an_address_and_others_are_not_held_up()
    {
        var limits = new TryLimits(_time);
        for (var i = 0; i < TryLimits.AddressTriesMax; i++)
        {
            limits.Begin("a").ShouldBeNull();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        limits.Begin("a").ShouldBe(_time.GetUtcNow() + TimeSpan.FromSeconds(55));
        limits.Begin("b").ShouldBeNull();

        _time.Advance(TimeSpan.FromSeconds(55));
        limits.Begin("a").ShouldBeNull();
        limits.Begin("a").ShouldNotBeNull();
    }

    [Fact]
    public void A_hundred_an_hour_in_all()
    {
        var limits = new TryLimits(_time);
        for (var i = 0; i < TryLimits.TriesMax; i++)
        {
            limits.Begin($"address {i}").ShouldBeNull();
        }

        limits.Begin("another").ShouldBe(_time.GetUtcNow() + TryLimits.Window);
        _time.Advance(TryLimits.Window);
        limits.Begin("another").ShouldBeNull();
    }

    [Fact]
    public void One_address_does_not_use_up_everybodys_hour()
    {
        var limits = new TryLimits(_time);
        var first = _time.GetUtcNow();
        for (var i = 0; i < TryLimits.AddressHourTriesMax; i++)
        {
            limits.Begin("a").ShouldBeNull();
            _time.Advance(TimeSpan.FromSeconds(20));
        }

        limits.Begin("a").ShouldBe(first + TryLimits.Window);
        for (var i = 0; i < TryLimits.TriesMax - TryLimits.AddressHourTriesMax; i++)
        {
            limits.Begin($"address {i}").ShouldBeNull();
        }
    }

    [Fact]
    public void The_right_code_is_no_try()
    {
        var limits = new TryLimits(_time);
        for (var i = 0; i < 100; i++)
        {
            limits.Begin("a").ShouldBeNull();
            limits.Forgive("a");
        }
    }

    [Theory]
    [InlineData("192.168.1.7", "192.168.1.7", true)]
    [InlineData("192.168.1.7", "::ffff:192.168.1.7", true)]
    [InlineData("192.168.1.7", "192.168.1.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)] // one household
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Addresses_of_one_household_count_together(string one, string other, bool together) =>
        (TryLimits.KeyOf(IPAddress.Parse(one)) == TryLimits.KeyOf(IPAddress.Parse(other))).ShouldBe(together);
}
