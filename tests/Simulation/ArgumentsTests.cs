namespace AkkaCompute.Simulation;

/// <summary>Whoever mistypes an option is told of ours, not of the test runner's.</summary>
public sealed class ArgumentsTests
{
    [Theory]
    [InlineData(0, "--help")]
    [InlineData(0, "-h")]
    [InlineData(2, "--no-such-option")]
    [InlineData(2, "--no-such-option", "1")]
    [InlineData(2, "nonsense")]
    [InlineData(2, "--seeds")]
    [InlineData(0, "--scale", "10,50", "--nodes", "3")]
    [InlineData(2, "--scale", "10,none")]
    [InlineData(2, "--scale", "99999999")]
    [InlineData(2, "--scale", "10", "--seeds", "1")]
    public void Commands_end_here_with_their_codes(int exitCode, params string[] args)
    {
        Program.IsForUs(args).ShouldBeTrue();
        Simulator.Run(args).ShouldBe(exitCode);
    }

    [Theory]
    [InlineData]
    [InlineData("-?")]
    [InlineData("-method", "*Name*")]
    [InlineData("@@", "file")]
    [InlineData(":1", "-automated")]
    public void The_test_runners_own_stay_its(params string[] args) => Program.IsForUs(args).ShouldBeFalse();
}
