namespace AkkaCompute.EndToEnd;

// To be replaced by the stories that users live through.
public sealed class AkcTests
{
    [Fact]
    public async Task Version_is_printed()
    {
        var result = await Akc.RunAsync(["--version"], TestContext.Current.CancellationToken);

        result.Stderr.ShouldBeEmpty();
        result.ExitCode.ShouldBe(0);
        result.Stdout.ShouldStartWith("0.");
    }
}
