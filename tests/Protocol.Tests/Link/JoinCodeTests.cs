using AkkaCompute.Protocol.Link;
using FsCheck;
using FsCheck.Fluent;

namespace AkkaCompute.Protocol.Tests.Link;

public sealed class JoinCodeTests
{
    private static Gen<string> Words { get; } = Gen.Elements(JoinCode.Words.ToArray());

    private static Gen<string[]> Codes { get; } = Words.ArrayOf(JoinCode.WordCount);

    [Fact]
    public void The_list_is_2048_words_that_can_be_said_and_typed()
    {
        JoinCode.Words.Count.ShouldBe(2048);
        JoinCode.Words.Distinct().Count().ShouldBe(2048);
        JoinCode.Words.ShouldAllBe(word => word.Length >= 3 && word.All(c => c >= 'a' && c <= 'z'));
        JoinCode.Words.ShouldBe(JoinCode.Words.Order(StringComparer.Ordinal)); // searched by halves
    }

    [Fact]
    public void Fresh_codes_are_six_words_and_differ()
    {
        var codes = Enumerable.Range(0, 200).Select(_ => JoinCode.New()).ToList();

        codes.ShouldAllBe(code => JoinCode.Complaint(code) == null && code.Split('-', StringSplitOptions.None).Length == 6);
        codes.Distinct().Count().ShouldBe(200);
        codes.SelectMany(code => code.Split('-')).Distinct().Count().ShouldBeGreaterThan(700); // of 1,200 drawn; all words are in play
    }

    [Fact]
    public void However_it_is_typed_it_is_the_same_code() => Checks.ForAll(
        from words in Codes
        from separators in Gen.Elements(" ", "-", "_", ",", ".", "\t", "\n", "\r\n", " - ", "--", ", ").ArrayOf(JoinCode.WordCount + 1)
        from upper in Gen.Choose(0, 2)
        select (Words: words, Separators: separators, Upper: upper),
        given =>
        {
            var typed = given.Separators[0] + string.Concat(given.Words.Select((word, i) => Cased(word, given.Upper) + given.Separators[i + 1]));

            JoinCode.Normalize(typed).ShouldBe(string.Join('-', given.Words));
            JoinCode.Complaint(typed).ShouldBeNull();
        });

    [Theory]
    [InlineData("", 0)]
    [InlineData("---", 0)]
    [InlineData("harbor", 1)]
    [InlineData("harbor-violet-anchor-maple-comet", 5)]
    [InlineData("harbor-violet-anchor-maple-comet-tunnel-harbor", 7)]
    public void A_code_of_another_length_is_told_how_long_it_is(string code, int words) =>
        JoinCode.Complaint(code).ShouldBe($"a code has 6 words, this has {words}");

    [Fact]
    public void A_typing_error_names_the_word_and_a_near_one() => Checks.ForAll(
        from words in Codes
        from which in Gen.Choose(0, JoinCode.WordCount - 1)
        from at in Gen.Choose(0, 20)
        from edit in Gen.Choose(0, 2)
        from letter in Gen.Choose('a', 'z')
        select (Words: words, Which: which, At: at, Edit: edit, Letter: (char)letter),
        given =>
        {
            var word = given.Words[given.Which];
            var at = given.At % word.Length;
            var typo = given.Edit switch
            {
                0 => word[..at] + given.Letter + word[(at + 1)..],
                1 => word[..at] + given.Letter + word[at..],
                _ => word.Remove(at, 1),
            };
            var complaint = JoinCode.Complaint(string.Join('-', given.Words.Select((w, i) => i == given.Which ? typo : w)));

            if (JoinCode.Words.Contains(typo))
            {
                complaint.ShouldBeNull();
                return;
            }

            complaint!.ShouldStartWith($"'{typo}' is not a word of a code; did you mean '");
            JoinCode.Words.ShouldContain(complaint!.Split('\'')[3]);
        });

    [Theory]
    [InlineData("xylophones")]
    [InlineData("zzzzz")]
    public void Far_from_any_word_nothing_is_suggested(string word) =>
        JoinCode.Complaint($"harbor-violet-anchor-maple-comet-{word}").ShouldBe($"'{word}' is not a word of a code");

    [Fact]
    public void The_example_of_the_docs_is_a_code() => JoinCode.Complaint("harbor-violet-anchor-maple-comet-tunnel").ShouldBeNull();

    private static string Cased(string word, int upper) => upper switch
    {
        0 => word,
        1 => word.ToUpperInvariant(),
        _ => char.ToUpperInvariant(word[0]) + word[1..],
    };
}
