using AkkaCompute.Cli.Output;

namespace AkkaCompute.Cli.Tests.Output;

public sealed class WordsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(512L << 20, "512 MiB")]
    [InlineData((1L << 30) - 1, "1024 MiB")]
    [InlineData(1L << 30, "1 GiB")]
    [InlineData(3L << 29, "1.5 GiB")]
    [InlineData(1L << 40, "1 TiB")]
    [InlineData(long.MaxValue, "8388608 TiB")]
    public void Sizes(long bytes, string words) => Words.Bytes(bytes).ShouldBe(words);

    [Theory]
    [InlineData(0, "0 cores")]
    [InlineData(1, "1 core")]
    [InlineData(2, "2 cores")]
    public void Counts(int count, string words) => Words.Count(count, "core").ShouldBe(words);

    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(0, "0 s")]
    [InlineData(59, "59 s")]
    [InlineData(60, "1 min")]
    [InlineData(3599, "60 min")]
    [InlineData(3600, "1 h")]
    [InlineData(47 * 3600, "47 h")]
    [InlineData(48 * 3600, "2 d")]
    [InlineData(30 * 24 * 3600, "30 d")]
    public void Times(double seconds, string words) => Words.Time(TimeSpan.FromSeconds(seconds)).ShouldBe(words);

    [Theory]
    [InlineData(0, 1, "today 13:30")]
    [InlineData(1, 0, "tomorrow 12:30")]
    [InlineData(2, 0, "2026-11-28 12:30")]
    [InlineData(0, 12, "tomorrow 00:30")]
    public void Moments_are_of_this_computers_clock(int days, int hours, string words)
    {
        var now = new DateTimeOffset(new DateTime(2026, 11, 26, 12, 30, 0, DateTimeKind.Local));

        Words.Until(now.AddDays(days).AddHours(hours).ToUniversalTime(), now.ToUniversalTime()).ShouldBe(words);
    }

    [Fact]
    public void Others_text_is_one_line_without_control_signs()
    {
        Words.Line("a\nb\tc\u001b[31md").ShouldBe("a b c [31md");
        Words.Line(new string('x', 60)).ShouldBe(new string('x', 60));
        Words.Line(new string('x', 61)).ShouldBe(new string('x', 59) + "…");
        Words.Line("abcdef", 4).ShouldBe("abc…");
    }

    [Fact]
    public void A_table_is_columns_for_people_and_awk()
    {
        using var captured = new Captured();
        var table = new Table("NAME", "CPU", "STATUS");
        table.Add("raj-desktop", "", "idle");
        table.Add("m", "12%", "busy");

        table.Print();

        captured.Out.ShouldBe("NAME         CPU  STATUS\nraj-desktop  -    idle\nm            12%  busy\n");
    }

    [Fact]
    public void An_empty_table_is_its_headings()
    {
        using var captured = new Captured();

        new Table("JOB", "STATE").Print();

        captured.Out.ShouldBe("JOB  STATE\n");
    }
}
