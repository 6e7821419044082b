namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>A short campaign; <c>eng/chaos</c> runs long ones.</summary>
public sealed class CampaignTests
{
    [Fact]
    public async Task Through_a_minute_of_all_faults_every_promise_is_kept()
    {
        var outcome = await RunAsync(new CampaignOptions(TimeSpan.FromSeconds(60), Seed: 7));

        outcome.Violations.ShouldBeEmpty();
        outcome.Kills.ShouldBeGreaterThan(0); // or it showed nothing
        outcome.Judged.ShouldBeGreaterThan(3);
        outcome.Attempts.ShouldBeGreaterThan(30);
    }

    internal static async Task<CampaignOutcome> RunAsync(CampaignOptions options, Func<ChaosPool, Task>? beside = null)
    {
        Assert.SkipUnless(ChaosCampaign.WhyNot() is null, ChaosCampaign.WhyNot() ?? "");
        return await new ChaosCampaign(options, TestContext.Current.TestOutputHelper!.WriteLine, beside).RunAsync();
    }
}

/// <summary>What a campaign does with its arguments and with what it finds.</summary>
public sealed class CampaignHostTests
{
    [Fact]
    public async Task A_pool_that_no_longer_answers_is_a_broken_promise_with_evidence()
    {
        var outcome = await CampaignTests.RunAsync(
            new CampaignOptions(TimeSpan.FromSeconds(1), Seed: 1), _ => throw new TimeoutException("no answer for 90 s"));

        outcome.Violations.ShouldHaveSingleItem().ShouldContain("no answer for 90 s");
        File.ReadAllLines(Path.Combine(outcome.Evidence!, "violations.txt")).ShouldBe(outcome.Violations);
        File.Exists(Path.Combine(outcome.Evidence!, "pool.db")).ShouldBeTrue();
        Directory.Delete(outcome.Evidence!, recursive: true);
    }

    [Theory]
    [InlineData("--minutes", "0")]
    [InlineData("--minutes")]
    [InlineData("--seed", "x")]
    [InlineData("--hours", "1")]
    public void Wrong_arguments_are_told(params string[] arguments) => CampaignOptions.Parse(arguments).Complaint!.ShouldContain(arguments[0]);

    [Fact]
    public void What_the_arguments_say_is_done() =>
        CampaignOptions.Parse(["--minutes", "2.5", "--seed", "9"]).Options.ShouldBe(new CampaignOptions(TimeSpan.FromMinutes(2.5), 9));
}
