using AkkaCompute.Lighthouse.Nodes;

namespace AkkaCompute.Lighthouse.Tests.Nodes;

public sealed class LatestTests
{
    [Fact]
    public void The_longest_unused_goes_when_all_together_cost_too_much()
    {
        var latest = new Latest<string, int>(10, cost => cost);
        latest.GetOrAdd("a", _ => 4);
        latest.GetOrAdd("b", _ => 4);
        latest.Find("a");

        latest.GetOrAdd("c", _ => 5);
        Keys(latest).ShouldBe(["c", "a"]);

        latest.GetOrAdd("larger than all", _ => 50);
        Keys(latest).ShouldBe(["larger than all"]);

        latest.Remove("larger than all");
        latest.GetOrAdd("d", _ => 5);
        latest.GetOrAdd("e", _ => 5);
        Keys(latest).ShouldBe(["e", "d"]);
    }

    private static IEnumerable<string> Keys(Latest<string, int> latest) => latest.All().Select(entry => entry.Key);
}
