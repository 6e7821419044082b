using System.IO.Compression;
using System.Text;
using System.Text.Json;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Postgres;
using AkkaCompute.Lighthouse.Tests.Journal.Inspect;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using Npgsql;

namespace AkkaCompute.Lighthouse.Tests.Journal;

/// <summary>The sample of an earlier format, as <c>pg_dump</c> wrote it out of PostgreSQL. It is never made anew.</summary>
public sealed class PostgresGoldenTests(PostgresFixture postgres) : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> All { get; } = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Journal/Golden"), "*.sql.gz").Select(path => Path.GetFileName(path))];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public async Task It_is_brought_up_to_date_and_replays_to_what_was_shown(string name)
    {
        var (home, address) = (new Home(_folder.Path), await RestoreAsync(name));
        var shown = Views(address);
        Check(home, address).Format.ShouldBe(long.Parse(name["format-".Length..^".sql.gz".Length]));

        await using (var pool = await SampleJournal.OpenAsync(home, address))
        {
            shown.Select(j => j.State).Distinct().ShouldBe(["succeeded", "failed", "cancelled", "running", "queued"], ignoreOrder: true);
            foreach (var job in shown)
            {
                JsonSerializer.Serialize(await pool.ReadJobAsync(job.Id, j => j.View(), Cancel), ProtocolJson.Default.JobView).ShouldBe(JsonSerializer.Serialize(job, ProtocolJson.Default.JobView));
            }

            var output = new StringBuilder();
            await foreach (var segment in pool.Outputs.ReadAsync(SampleJournal.Done, new(0, 1), 0, Cancel))
            {
                output.Append(Encoding.UTF8.GetString(segment.Bytes.Span));
            }

            output.ToString().ShouldBe("hi");
        }

        Check(home, address).Format.ShouldBe(JournalFormat.Current);
    }

    private static JournalReport Check(Home home, string address)
    {
        using var journal = JournalInspection.Of(home, address);
        return journal.Check(100, _ => { }, Cancel);
    }

    private static List<JobView> Views(string address)
    {
        using var session = new PostgresStore(address).OpenReader();
        return session.Read("SELECT view FROM job_views ORDER BY job", row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), ProtocolJson.Default.JobView)!);
    }

    private async Task<string> RestoreAsync(string name)
    {
        var address = await postgres.NewDatabaseAsync();
        await using var golden = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Journal/Golden", name)), CompressionMode.Decompress);
        using var text = new StreamReader(golden);
        await using var connection = new NpgsqlConnection(PostgresSettings.Parse(address).ToString() + ";Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(await text.ReadToEndAsync(Cancel), connection);
        await command.ExecuteNonQueryAsync(Cancel);
        return address;
    }
}
