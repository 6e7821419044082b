using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Lighthouse.Tests.Runtime;

namespace AkkaCompute.Lighthouse.Tests.Join;

public sealed class PendingChallengesTests
{
    private static readonly TimeSpan ValidFor = TimeSpan.FromMinutes(2);

    private readonly ManualTime _time = new();

    [Fact]
    public void A_flood_of_one_address_pushes_out_its_own()
    {
        var pending = new PendingChallenges(_time, ValidFor);
        pending.Add("ann-1", [1], "ann");
        for (var i = 0; i < 5 * PendingChallenges.Max; i++)
        {
            pending.Add($"flood-{i}", [2], "stranger");
        }

        pending.Add("bob-1", [3], "bob");

        pending.Take("flood-0").ShouldBeNull();
        pending.Take("ann-1").ShouldBe([1]);
        pending.Take("bob-1").ShouldBe([3]);
        pending.Take($"flood-{(5 * PendingChallenges.Max) - 1}").ShouldBe([2]);
    }

    [Fact]
    public void Of_many_addresses_with_one_each_the_oldest_goes()
    {
        var pending = new PendingChallenges(_time, ValidFor);
        for (var i = 0; i <= PendingChallenges.Max; i++)
        {
            pending.Add($"join-{i}", [1], $"address {i}");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        pending.Take("join-0").ShouldBeNull();
        pending.Take("join-1").ShouldNotBeNull();
    }

    [Fact]
    public void A_challenge_serves_once_and_not_for_long()
    {
        var pending = new PendingChallenges(_time, ValidFor);
        pending.Add("a", [1], "x");
        pending.Take("a").ShouldBe([1]);
        pending.Take("a").ShouldBeNull();

        pending.Add("b", [1], "x");
        _time.Advance(ValidFor);
        pending.Take("b").ShouldBeNull();
    }
}
