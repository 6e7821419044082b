namespace AkkaCompute.Fuzz.Engine;

/// <summary>Whoever mistypes an option is told of ours, not of the test runner's.</summary>
public sealed class ArgumentsTests
{
    [Theory]
    [InlineData(0, "--help")]
    [InlineData(0, "-h")]
    [InlineData(2, "--no-such-option")]
    [InlineData(2, "--no-such-option", "1")]
    [InlineData(2, "nonsense")]
    [InlineData(2, "--inputs")]
    public void Help_and_what_is_not_understood_end_here(int exitCode, params string[] args)
    {
        Program.IsForUs(args).ShouldBeTrue();
        OnDemand.Run(args).ShouldBe(exitCode);
    }

    [Theory]
    [InlineData]
    [InlineData("-?")]
    [InlineData("-method", "*Name*")]
    [InlineData("@@", "file")]
    [InlineData(":1", "-automated")]
    public void The_test_runners_own_stay_its(params string[] args) => Program.IsForUs(args).ShouldBeFalse();
}
