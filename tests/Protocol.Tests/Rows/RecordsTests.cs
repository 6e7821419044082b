using System.Text;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Rows;
using FsCheck.Fluent;

namespace AkkaCompute.Protocol.Tests.Rows;

public sealed class RecordsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RowFormat.Csv, "a,b\n|1,2\n|", "a,b\n1,2\n")]
    [InlineData(RowFormat.Csv, "a\r\n|b\r\n|", "a\r\nb\r\n")]
    [InlineData(RowFormat.Csv, "\"x\ny\"\n|z\n|", "\"x\ny\"\nz\n")]
    [InlineData(RowFormat.Csv, "\"x\"\"\n\"\"y\"\n|z", "\"x\"\"\n\"\"y\"\nz")]
    [InlineData(RowFormat.Csv, "\"\"\n|a", "\"\"\na")]
    [InlineData(RowFormat.Csv, "\n\r\na\n|\n\nb\n|\n", "\n\r\na\n\n\nb\n\n")]
    [InlineData(RowFormat.Csv, "a,\"open\nb\n", "a,\"open\nb\n")]
    [InlineData(RowFormat.Lines, "{\"a\": \"\\\"\"}\n|\"\n|b", "{\"a\": \"\\\"\"}\n\"\nb")]
    [InlineData(RowFormat.Lines, "", "")]
    public void Records_end_where_their_lines_do_unless_in_quotes(RowFormat format, string cut, string text) =>
        string.Join('|', Cut(Encoding.UTF8.GetBytes(text), format, text.Length + 1).Select(Encoding.UTF8.GetString)).ShouldBe(cut);

    [Fact]
    public void The_end_of_a_file_says_what_was_open()
    {
        State("a\n").ShouldBe((false, false));
        State("a").ShouldBe((true, false));
        State("a\n\r\n").ShouldBe((false, false));
        State("a\n\"b\n").ShouldBe((true, true));

        static (bool InRecord, bool InQuotes) State(string text)
        {
            var scanner = new RecordScanner(RowFormat.Csv);
            var bytes = Encoding.UTF8.GetBytes(text);
            for (var at = 0; scanner.NextEnd(bytes.AsSpan(at)) is > 0 and var end; at += end)
            {
            }

            return (scanner.IsInRecord, scanner.IsInQuotes);
        }
    }

    [Fact]
    public void Wherever_the_pieces_are_cut_the_records_are_the_same() => Checks.ForAll(Texts.SelectMany(text => Gen.Choose(1, 9).Select(piece => (text, piece))), made =>
    {
        foreach (var format in Enum.GetValues<RowFormat>())
        {
            Cut(made.text, format, made.piece).ShouldBe(Cut(made.text, format, made.text.Length + 1));
        }
    });

    [Fact]
    public void Records_are_copied_as_they_are() => Checks.ForAll(Texts.SelectMany(text => Gen.Choose(0, 5).Two().Select(range => (text, range))), made =>
    {
        var (skip, take) = made.range;
        foreach (var format in Enum.GetValues<RowFormat>())
        {
            var records = Cut(made.text, format, made.text.Length + 1);
            var whole = records.Count - (records.Count > 0 && IsBlank(records[^1]) ? 1 : 0);
            var (from, into) = (new MemoryStream(made.text), new MemoryStream());

            var copied = Records.CopyAsync(from, into, format, skip, take, Cancel).GetAwaiter().GetResult();

            copied.ShouldBe(Math.Clamp(whole - skip, 0, take));
            var expected = records.Skip(skip).Take(take).SelectMany(bytes => bytes).ToArray();
            into.ToArray().ShouldBe(expected);
        }
    });

    /// <summary>Texts of what decides: quotes, ends of lines, and something else.</summary>
    private static FsCheck.Gen<byte[]> Texts { get; } =
        Gen.Choose(0, 30).SelectMany(length => Gen.Elements("\"\"\n\n\r,ab".Select(c => (byte)c).ToArray()).ArrayOf(length));

    private static bool IsBlank(byte[] bytes) => bytes.All(b => b is (byte)'\r' or (byte)'\n');

    /// <summary>The records, and what is left behind the last one.</summary>
    private static List<byte[]> Cut(byte[] text, RowFormat format, int pieceBytes)
    {
        var scanner = new RecordScanner(format);
        var records = new List<byte[]>();
        var start = 0;
        for (var position = 0; position < text.Length; position += pieceBytes)
        {
            var piece = text.AsSpan(position, Math.Min(pieceBytes, text.Length - position));
            for (var at = 0; scanner.NextEnd(piece[at..]) is > 0 and var end;)
            {
                at += end;
                records.Add(text[start..(position + at)]);
                start = position + at;
            }
        }

        if (records.Count > 0 || start < text.Length)
        {
            records.Add(text[start..]);
        }

        return records;
    }
}
