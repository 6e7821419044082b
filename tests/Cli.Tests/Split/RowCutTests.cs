using System.Text;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Cli.Tests.Client;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Split;

/// <summary>A file of records in blocks of whole ones.</summary>
public sealed class RowCutTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("h\n|1\n2\n3\n|4\n", "h\n1\n2\n3\n4\n")]
    [InlineData("h\n|1\n2\n3\n|4", "h\n1\n2\n3\n4")]
    [InlineData("h\r\n|1\r\n2\r\n|3\r\n", "h\r\n1\r\n2\r\n3\r\n")]
    [InlineData("h\n|\"a\nb\"\n|1\n", "h\n\"a\nb\"\n1\n")]
    [InlineData("h\n|\"a\"\"\n\"\n|1\n", "h\n\"a\"\"\n\"\n1\n")]
    [InlineData("h\n|1\n|a long record\n|2\n3\n", "h\n1\na long record\n2\n3\n")]
    [InlineData("h\n|\n\n1\n2\n", "h\n\n\n1\n2\n")]
    [InlineData("h\n|1\n2\n", "h\n1\n2\n\n\n")]
    [InlineData("\uFEFFh\n|1\n", "\uFEFFh\n1\n")]
    [InlineData("\uFEFF\"h\nx\"\n|1\n", "\uFEFF\"h\nx\"\n1\n")]
    [InlineData("\nh\n|1\n", "\nh\n1\n")]
    public async Task Blocks_hold_whole_records_and_no_more_bytes_than_they_may(string blocks, string content)
    {
        var cut = await CutAsync(content, RowFormat.Csv, blockBytes: 6);

        Shown(cut, content).ShouldBe(blocks);
    }

    [Theory]
    [InlineData(RowFormat.CsvWithoutHead, "1\n\"a\nb\"\n2\n", "1\n|\"a\nb\"\n|2\n")]
    [InlineData(RowFormat.Lines, "{\"a\":\"\\\"\"}\n{\"b\n", "{\"a\":\"\\\"\"}\n|{\"b\n")]
    [InlineData(RowFormat.Lines, "a\n\n\nb", "a\n\n\nb")]
    public async Task Without_a_header_all_are_records(RowFormat format, string content, string blocks)
    {
        var cut = await CutAsync(content, format, blockBytes: 6);

        cut.HeadBytes.ShouldBe(0);
        Shown(cut, content).ShouldBe(blocks);
    }

    [Fact]
    public async Task Blocks_count_their_records()
    {
        var cut = await CutAsync("h\n1\n2\n3\n4\n", RowFormat.Csv, blockBytes: 6);

        cut.Records.ShouldBe(4);
        cut.Blocks.Select(b => (b.First, b.Count)).ShouldBe([(0, 3), (3, 1)]);
        cut.Outgoing.Select(o => o.Name).ShouldBe(["head", "rows/000000000-3", "rows/000000003-1"]);
    }

    [Theory]
    [InlineData("h\n1,\"x\n", RowFormat.Csv, "within quotes")]
    [InlineData("h\n", RowFormat.Csv, "no records behind its header")]
    [InlineData("h", RowFormat.Csv, "no records behind its header")]
    [InlineData("", RowFormat.Csv, "no records")]
    [InlineData("\n\r\n", RowFormat.Lines, "no records")]
    public async Task A_file_that_can_not_be_cut_is_one_error(string content, RowFormat format, string says) =>
        (await Should.ThrowAsync<AkcException>(CutAsync(content, format))).Message.ShouldContain(says);

    [Fact]
    public async Task Text_of_two_bytes_a_sign_is_refused()
    {
        File.WriteAllText("data.csv", "h\n1\n", Encoding.Unicode);

        (await Should.ThrowAsync<AkcException>(RowCut.OfAsync("data.csv", RowFormat.Csv, Cancel))).Message.ShouldContain("UTF-16");
    }

    [Fact]
    public async Task More_records_than_tasks_may_be_are_refused()
    {
        await using (var file = File.Create("data.txt"))
        {
            var lines = Enumerable.Repeat("1\n"u8.ToArray(), 100_000).SelectMany(b => b).ToArray();
            for (var i = 0; i < 100; i++)
            {
                await file.WriteAsync(lines, Cancel);
            }

        }

        (await RowCut.OfAsync("data.txt", RowFormat.Lines, Cancel)).Records.ShouldBe(JobSpec.TaskCountMax);
        File.AppendAllText("data.txt", "1");
        (await Should.ThrowAsync<AkcException>(RowCut.OfAsync("data.txt", RowFormat.Lines, Cancel))).Message.ShouldContain("more than 10000000 records");
    }

    [Theory]
    [InlineData("data.CSV", RowFormat.Csv, "in.CSV", "out.CSV")]
    [InlineData("data.tsv", RowFormat.Csv, "in.tsv", "out.tsv")]
    [InlineData("sub/data.jsonl", RowFormat.Lines, "in.jsonl", "out.jsonl")]
    [InlineData("data.ndjson", RowFormat.Lines, "in.ndjson", "out.ndjson")]
    [InlineData("data.txt", RowFormat.Lines, "in.txt", "out.txt")]
    public async Task Extensions_say_what_records_are(string name, RowFormat format, string isIn, string isOut)
    {
        await using var pool = await PoolUnderTest.StartAsync();
        _folder.Write(name, "h\n1\n2\n");

        var parts = await (await RowDivision.OfAsync(name, null, 7, Cancel)).SendAsync(pool.Client, Cancel);

        var records = format == RowFormat.Csv ? 2 : 3;
        parts.Items.ShouldBe(new JobItems(records, 7) { Join = new RowJoin(isOut, format) });
        var kind = parts.Kind.ShouldBeOfType<RowItems>();
        (kind.Format, kind.In, kind.Out).ShouldBe((format, isIn, isOut));
        Tree.Parse(await pool.Client.GetBlobAsync(kind.TreeDigest, Tree.BytesMax, Cancel)).Files[^1].Path.ShouldBe($"rows/000000000-{records}");
    }

    [Fact]
    public async Task Other_extensions_need_a_word()
    {
        _folder.Write("data.dat", "h\n1\n");

        (await Should.ThrowAsync<AkcException>(RowDivision.OfAsync("data.dat", null, 0, Cancel))).Message.ShouldContain("--format");
        await RowDivision.OfAsync("data.dat", RowFormat.Lines, 0, Cancel);
    }

    [Theory]
    [InlineData("in.csv")]
    [InlineData("out.csv")]
    public async Task A_file_of_all_tasks_is_not_where_the_records_are(string name)
    {
        _folder.Write("data.csv", "h\n1\n");
        var inputs = new InputFiles();
        inputs.Add("data.csv", name);

        var division = await RowDivision.OfAsync("data.csv", null, 0, Cancel);

        Should.Throw<AkcException>(() => division.Check(inputs)).Message.ShouldContain($"-f {name}:NAME");
    }

    [Fact]
    public async Task A_file_that_changed_since_it_was_cut_stops_the_submit()
    {
        await using var pool = await PoolUnderTest.StartAsync();
        _folder.Write("data.csv", "h\n1\n");
        var division = await RowDivision.OfAsync("data.csv", null, 0, Cancel);
        File.AppendAllText("data.csv", "2\n");

        (await Should.ThrowAsync<AkcException>(division.SendAsync(pool.Client, Cancel))).Message.ShouldContain("changed");
    }

    private async Task<RowCut> CutAsync(string content, RowFormat format, long blockBytes = RowCut.BlockBytes)
    {
        _folder.Write("data.csv", content);
        return await RowCut.OfAsync("data.csv", format, Cancel, blockBytes);
    }

    /// <summary>The bytes of the head and of each block.</summary>
    private static string Shown(RowCut cut, string content)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        return string.Join('|', cut.Outgoing.Select(o => Encoding.UTF8.GetString(bytes, (int)o.Offset, (int)o.Bytes!)));
    }
}
