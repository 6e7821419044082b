namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>A short campaign; <c>eng/chaos</c> runs long ones.</summary>
[Collection(OneAtATime.Name)]
public sealed class CampaignTests
{
    [Fact]
    public async Task Through_forty_seconds_of_all_faults_every_promise_is_kept()
    {
        Assert.SkipUnless(Network.TestNetwork.WhyNot() is null, Network.TestNetwork.WhyNot() ?? "");
        var output = TestContext.Current.TestOutputHelper!;

        (await new ChaosCampaign(new CampaignOptions(TimeSpan.FromSeconds(40), Seed: 7), output.WriteLine).RunAsync()).ShouldBeEmpty();
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
