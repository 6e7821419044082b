using AkkaCompute.Cli.Options;
using AkkaCompute.Protocol;

namespace AkkaCompute.Cli.Tests.Options;

public sealed class OptTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("1024", 1024)]
    [InlineData("0", null)]
    [InlineData("1025", null)]
    [InlineData("-1", null)]
    [InlineData("+1", null)]
    [InlineData(" 1", null)]
    [InlineData("1.0", null)]
    [InlineData("99999999999", null)]
    public void Whole_numbers(string text, int? number) => Opt.WholeNumber(text, 1, 1024).ShouldBe(number);
}
