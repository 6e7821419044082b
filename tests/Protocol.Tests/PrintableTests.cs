namespace AkkaCompute.Protocol.Tests;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain ü 日本 😀", "plain ü 日本 😀")]
    [InlineData("a\u001b[31mb", "a [31mb")]
    [InlineData("a\u009b2Jb", "a 2Jb")]
    [InlineData("a\r\nb\0", "a  b ")]
    [InlineData("\u202egnp.exe\u2069", " gnp.exe ")]
    [InlineData("a\u2028b\u2029c", "a b c")]
    public void What_steers_a_terminal_is_a_space(string text, string line) => Printable.Line(text, 100).ShouldBe(line);

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdefg", 6, "abcde…")]
    [InlineData("abcd😀g", 6, "abcd…")] // never half a sign
    [InlineData("ab", 1, "…")]
    [InlineData("\u001b\u001b\u001b", 2, " …")]
    public void What_is_long_is_cut(string text, int lengthMax, string line) => Printable.Line(text, lengthMax).ShouldBe(line);
}
