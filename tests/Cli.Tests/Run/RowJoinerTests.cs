using System.Text;
using AkkaCompute.Cli.Run;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Run;

/// <summary>Parts of a table become one.</summary>
public sealed class RowJoinerTests
{
    [Theory]
    [InlineData("h\n1\n2\n3\n", "h\n1\n", "h\n2\n", "h\n3\n")]
    [InlineData("h\n1\n2", "h\n1", "h\n2")]
    [InlineData("h\r\n1\r\n2\r\n", "h\r\n1", "h\r\n2\r\n")]
    [InlineData("\"h\nx\"\n1\n2\n", "\"h\nx\"\n1\n", "\"h\nx\"\n2\n")]
    [InlineData("h\n1\n2\n", "h\n1\n", "h\n", "h", "", "h\n2\n")]
    [InlineData("h\n1\n", "h", "h\n1\n")]
    [InlineData("h\n1\n", "", "h\n1\n")]
    [InlineData("\uFEFFh\n1\n2\n", "\uFEFFh\n1\n", "\uFEFFh\n2\n")]
    [InlineData("", "", "")]
    public async Task One_header_stands_over_all_records(string whole, params string[] parts) =>
        (await JoinAsync(RowFormat.Csv, parts)).ShouldBe(whole);

    [Theory]
    [InlineData(RowFormat.Lines)]
    [InlineData(RowFormat.CsvWithoutHead)]
    public async Task Without_headers_all_is_kept(RowFormat format) =>
        (await JoinAsync(format, "a\n", "a\n", "", "b", "c\n")).ShouldBe("a\na\nb\nc\n");

    [Theory]
    [InlineData("h\n1\n", "g\n2\n")]
    [InlineData("h\n1\n", "h\n1\n", "g")]
    [InlineData("h\n1\n", "g", "h\n1\n")]
    public async Task Another_header_is_noticed(params string[] parts) => (await JoinAsync(RowFormat.Csv, parts)).ShouldBeNull();

    /// <summary>Each part byte by byte, and whole: the same.</summary>
    private static async Task<string?> JoinAsync(RowFormat format, params string[] parts)
    {
        var small = await JoinAsync(format, parts, 1);
        (await JoinAsync(format, parts, 1000)).ShouldBe(small);
        return small;
    }

    private static async Task<string?> JoinAsync(RowFormat format, string[] parts, int pieceBytes)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var into = new MemoryStream();
        var join = new RowJoiner(into, format);
        var isSound = true;
        foreach (var part in parts)
        {
            isSound &= await join.NextPartAsync(cancel);
            foreach (var piece in Encoding.UTF8.GetBytes(part).Chunk(pieceBytes))
            {
                isSound = isSound && await join.AddAsync(piece, cancel);
            }
        }

        isSound = isSound && await join.EndAsync(cancel);
        return isSound ? Encoding.UTF8.GetString(into.ToArray()) : null;
    }
}
