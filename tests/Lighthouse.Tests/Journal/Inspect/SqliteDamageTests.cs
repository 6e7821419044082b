using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol.Homes;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Tests.Journal.Inspect;

/// <summary>One flipped bit, one row of nothing: what a file of any bytes may hold where akc writes text, numbers and bytes.</summary>
public sealed class SqliteDamageTests : IDisposable
{
    private const string Key = "a key, which a row that is asked for alone still has";
    private const string Row = "a row of events";

    // https://www.sqlite.org/fileformat2.html: a text of n bytes is of the serial type 2n + 13, bytes of 2n + 12.
    private const byte TextOf17 = (2 * 17) + 13;

    // SQLite takes any kind of value into any column but for those that are NOT NULL.
    private static readonly SortedDictionary<string, (string Kind, string Sql)> Damages = new(StringComparer.Ordinal)
    {
        ["an event's key of bytes"] = (Key, "UPDATE events SET machine = CAST(machine AS BLOB) WHERE rowid = 2781"),
        ["a job's keys of bytes"] = (Key, "UPDATE events SET machine = CAST(machine AS BLOB) WHERE machine = 'job/wgscxjwc2fsy2'"),
        ["an empty key"] = (Key, "UPDATE events SET machine = '' WHERE machine = 'job/wgscxjwc2fsy2'"),
        ["a view's key of bytes"] = (Key, "UPDATE job_views SET job = CAST(job AS BLOB) WHERE job = 'wgscxjwc2fsy2'"),
        ["a result's key of bytes"] = (Key, "UPDATE task_results SET job = CAST(job AS BLOB) WHERE job = 'wfqmz95cumcrm' AND task = 0"),
        ["an output's key of bytes"] = (Key, "UPDATE inline_output SET job = CAST(job AS BLOB) WHERE job = 'wfqmz95cumcrm'"),
        ["a snapshot's key of bytes"] = (Key, "UPDATE snapshots SET machine = CAST(machine AS BLOB)"),
        ["a step of nothing"] = (Row, "UPDATE events SET payload = NULL WHERE rowid = 1000"),
        ["no time"] = (Row, "UPDATE events SET at = NULL WHERE rowid = 1000"),
        ["no count"] = (Row, "UPDATE events SET count = NULL WHERE rowid = 1000"),
        ["no number"] = (Row, "UPDATE events SET sequence = NULL WHERE rowid = 1000"),
    };

    private readonly TempFolder _folder = new();

    public SqliteDamageTests()
    {
        Directory.CreateDirectory(Home.LighthouseFolder);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal/Golden/format-2.db"), Database);
    }

    public static TheoryData<string> Names => [.. Damages.Keys];

    private Home Home => new(_folder.Path);

    private string Database => Path.Combine(Home.LighthouseFolder, "pool.db");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Check_finds_it_and_goes_on(string name)
    {
        var jobs = Check().Jobs;
        Plant(Damages[name].Sql);

        var report = Check();

        report.Problems.ShouldNotBeEmpty();
        report.EndedEarly.ShouldBeNull();
        report.Jobs.ShouldBeInRange(jobs - 1, jobs);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Export_loses_no_event_that_it_does_not_name(string name)
    {
        var (whole, _) = Export();
        Plant(Damages[name].Sql);

        var (lines, lacks) = Export();

        (whole.Count - lines.Count).ShouldBe(Damages[name].Kind == Row ? 1 : 0);
        (lacks.Count > 0).ShouldBe(Damages[name].Kind == Row);
        lines.Except(whole).Count(line => !line.StartsWith("{\"machine\":\"\"")).ShouldBe(0);
    }

    [Fact]
    public void A_flipped_bit_that_makes_a_key_of_bytes_in_an_index_loses_nothing()
    {
        var (whole, _) = Export();
        var bytes = File.ReadAllBytes(Database);
        var at = bytes.AsSpan().LastIndexOf("job/mba95sbcn83cb"u8);
        bytes[at - 4].ShouldBe(TextOf17);
        bytes[at - 4] ^= 1; // the length and the bytes stay what they are
        File.WriteAllBytes(Database, bytes);

        var (lines, lacks) = Export();
        lines.ShouldBe(whole);
        lacks.ShouldBeEmpty();
        Check().IsSound.ShouldBeFalse();
    }

    [Fact]
    public void Keys_out_of_order_lose_nothing()
    {
        var (whole, _) = Export();
        var bytes = File.ReadAllBytes(Database);
        var at = 0;
        while (bytes.AsSpan(at + 1).IndexOf("job/mba95sbcn83cb"u8) is >= 0 and var next)
        {
            at += next + 1;
            bytes["job/".Length + at] = (byte)'x'; // of the table and of its index
        }

        File.WriteAllBytes(Database, bytes);

        var (lines, _) = Export();
        lines.Order(StringComparer.Ordinal).ShouldBe(whole.Select(line => line.Replace("job/mba95", "job/xba95")).Order(StringComparer.Ordinal));
    }

    private void Plant(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Database, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'";
        command.ExecuteNonQuery();
        connection.Close();
        connection.Open(); // reads what its tables are now
        command.CommandText = sql;
        command.ExecuteNonQuery().ShouldBeGreaterThan(0);
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }

    private JournalReport Check()
    {
        using var journal = JournalInspection.Of(Home, null);
        return journal.Check(100, _ => { }, Cancel);
    }

    private (List<string> Lines, IReadOnlyList<string> Lacks) Export()
    {
        using var journal = JournalInspection.Of(Home, null);
        using var written = new MemoryStream();
        var report = journal.Export(true, lines => written.Write(lines.Span), again: null, lacksMax: 100, _ => { }, Cancel);
        return ([.. System.Text.Encoding.UTF8.GetString(written.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)], report.Lacks);
    }
}
