using AkkaCompute.Cli.JobFiles;

namespace AkkaCompute.Cli.Tests.JobFiles;

public sealed class ShellWordsTests
{
    [Theory]
    [InlineData("train.py --lr 0.1", "train.py", "--lr", "0.1")]
    [InlineData("  a \t b ", "a", "b")]
    [InlineData("sh -c 'echo $X | wc'", "sh", "-c", "echo $X | wc")]
    [InlineData("a \"b \\\" c\" d'e f'g", "a", "b \" c", "de fg")]
    [InlineData("a '' \"\"", "a", "", "")]
    [InlineData("a\\ b \\$x", "a b", "$x")]
    [InlineData("convert {} -resize 50% {/.}.png", "convert", "{}", "-resize", "50%", "{/.}.png")]
    [InlineData("a b~ c#d", "a", "b~", "c#d")]
    public void A_line_is_cut_as_a_shell_cuts_it(string line, params string[] words)
    {
        ShellWords.Split(line).Complaint.ShouldBeNull();
        ShellWords.Split(line).Words.ShouldBe(words);
    }

    [Theory]
    [InlineData("a | b", "'|'")]
    [InlineData("a > b", "'>'")]
    [InlineData("a; b", "';'")]
    [InlineData("echo $HOME", "'$'")]
    [InlineData("ls *.txt", "'*'")]
    [InlineData("ls ~/x", "'~'")]
    [InlineData("a # b", "'#'")]
    [InlineData("a\nb", "a line break")]
    [InlineData("a\\", "'\\'")]
    [InlineData("a 'b", "a quote (') has no end")]
    public void What_only_a_shell_could_do_is_no_word(string line, string says) => ShellWords.Split(line).Complaint.ShouldNotBeNull().ShouldStartWith(says);
}
