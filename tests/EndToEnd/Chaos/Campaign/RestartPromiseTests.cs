namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>What excuses an attempt that runs again, and what does not.</summary>
public sealed class RestartPromiseTests
{
    private static readonly Fault Kill = new(LighthouseFaults.Killed, null, 100, 101);

    private static readonly Mark[] RanAgain = [new("j", 0, 1, "start", null, 95, "n1", 1), new("j", 0, 2, "start", null, 110, "n2", 2)];

    [Fact]
    public void What_ran_when_the_Lighthouse_was_killed_and_ran_again_breaks_it()
    {
        var (judged, violations) = RestartPromise.Check(new History(RanAgain), [Kill]);

        judged.ShouldBe(1);
        violations.ShouldHaveSingleItem().ShouldContain("nothing else happened");
    }

    [Fact]
    public void What_ran_on_keeps_it()
    {
        var (judged, violations) = RestartPromise.Check(new History(RanAgain[..1]), [Kill]);

        judged.ShouldBe(1);
        violations.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("cable out", "n1", 105, 0)]
    [InlineData("stopped", null, 90, 0)]
    [InlineData("cable out", "n2", 105, 1)]
    [InlineData("cable out", "n1", 80, 1)]
    [InlineData("cable out", "n1", 115, 1)]
    [InlineData(NodeFaults.ClockSet, "n1", 105, 1)]
    [InlineData(LighthouseFaults.Killed, null, 105, 2)]
    public void Only_what_may_cost_its_node_or_the_Lighthouse_their_word_in_time_is_an_excuse(string kind, string? node, double at, int violations) =>
        RestartPromise.Check(new History(RanAgain), [Kill, new Fault(kind, node, at, at + 1)]).Violations.Count.ShouldBe(violations);
}
