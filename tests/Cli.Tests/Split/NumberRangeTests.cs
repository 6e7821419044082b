using AkkaCompute.Cli.Split;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Split;

public sealed class NumberRangeTests
{
    [Theory]
    [InlineData("1..1200", 1, 1, 1200)]
    [InlineData("5..5", 5, 1, 1)]
    [InlineData("0..100..5", 0, 5, 21)]
    [InlineData("0..99..5", 0, 5, 20)]
    [InlineData("10..1", 10, -1, 10)]
    [InlineData("10..1..3", 10, -3, 4)]
    [InlineData("10..1..-3", 10, -3, 4)]
    [InlineData("-5..5", -5, 1, 11)]
    [InlineData("1..10000000", 1, 1, 10_000_000)]
    [InlineData("1..9..100", 1, 100, 1)]
    public void Both_ends_are_in_it(string text, long first, long step, int count)
    {
        var range = NumberRange.Parse(text);

        range.ShouldBe(new NumberRange(first, step, count));
        new RangeItems(first, step)[count - 1].ShouldBeInRange(Math.Min(first, long.Parse(text.Split("..")[1])), Math.Max(first, long.Parse(text.Split("..")[1])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1-10")]
    [InlineData("1..")]
    [InlineData("1..2..3..4")]
    [InlineData("1..x")]
    [InlineData("1...3")]
    [InlineData("1..10..0")]
    [InlineData("1..10..-1")]
    [InlineData("0..10000000")]
    [InlineData("-9223372036854775808..9223372036854775807")]
    [InlineData("0..9223372036854775807..9223372036854775807")]
    [InlineData("0..99999999999999999999")]
    public void Anything_else_is_one_line_of_what_to_write(string text)
    {
        var wrong = Should.Throw<AkcException>(() => NumberRange.Parse(text));

        wrong.ExitCode.ShouldBe(ExitCodes.Usage);
        wrong.Message.ShouldStartWith($"--range is '{text}': ");
    }
}
