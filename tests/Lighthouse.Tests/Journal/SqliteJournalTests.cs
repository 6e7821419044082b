using System.Text;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Lighthouse.Tests.Runtime;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Lighthouse.Tests.Journal;

public sealed class SqliteJournalTests : JournalConformance, IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_journal_of_a_newer_akc_is_refused_and_left_alone()
    {
        Open().Dispose();
        Change("UPDATE meta SET value = 2 WHERE key = 'format'");
        var before = File.ReadAllBytes(_folder["pool.db"]);

        Should.Throw<JournalFormatException>(Open).Message.ShouldContain("upgrade akc");

        File.ReadAllBytes(_folder["pool.db"]).ShouldBe(before);
    }

    [Fact]
    public void A_file_that_is_no_journal_is_refused()
    {
        File.WriteAllText(_folder["pool.db"], new string('x', 8192));

        Should.Throw<JournalFormatException>(Open).Message.ShouldContain("no journal");
    }

    [Fact]
    public void Each_commit_waits_for_the_disk()
    {
        using var journal = (SqliteJournal)Open();
        long? synchronous = null;
        string? mode = null;

        journal.Commit([new JournalAction((connection, _) =>
        {
            synchronous = (long?)Scalar(connection, "PRAGMA synchronous");
            mode = (string?)Scalar(connection, "PRAGMA journal_mode");
        })]);

        synchronous.ShouldBe(2); // FULL
        mode.ShouldBe("wal");
    }

    [Fact]
    public async Task An_own_write_that_throws_is_undone_alone()
    {
        using var journal = (SqliteJournal)Open();
        var writer = new CommitWriter(journal, NullLogger.Instance);
        var database = new PoolDatabase(writer, journal.Readers);
        await database.WriteAsync((connection, _) => Scalar(connection, "CREATE TABLE members (name TEXT PRIMARY KEY)"));

        var good = database.WriteAsync((connection, _) => Scalar(connection, "INSERT INTO members VALUES ('ann') RETURNING name"));
        var bad = database.WriteAsync<object?>((connection, _) =>
        {
            Scalar(connection, "INSERT INTO members VALUES ('eve')");
            throw new InvalidOperationException("no");
        });
        var twice = database.WriteAsync((connection, _) => Scalar(connection, "INSERT INTO members VALUES ('ann')"));

        (await good).ShouldBe("ann");
        await Should.ThrowAsync<InvalidOperationException>(() => bad);
        await Should.ThrowAsync<SqliteException>(() => twice);
        var names = await database.ReadAsync(connection => Scalar(connection, "SELECT group_concat(name) FROM members"), TestContext.Current.CancellationToken);
        names.ShouldBe("ann");
        await writer.DisposeAsync();
    }

    [Fact]
    public void A_reader_cannot_write()
    {
        using var journal = (SqliteJournal)Open();

        Should.Throw<SqliteException>(() => journal.Readers.Run(connection => Scalar(connection, "DELETE FROM meta")));
    }

    [Fact]
    public void A_full_disk_takes_nothing_and_says_so_until_there_is_room()
    {
        using var journal = (SqliteJournal)Open();
        journal.Commit([new JournalAction((connection, _) => Scalar(connection, "PRAGMA max_page_count = 1"))]);
        var large = new string('1', 100_000);

        var refused = Should.Throw<PoolUnavailableException>(
            () => journal.Commit([Step("job/b", 0, 1, "[1]"), Step("job/a", 0, 1, $"[{large}]")]));
        refused.DiskFull.ShouldBeTrue();
        refused.Message.ShouldContain("full");

        journal.Read("job/b", _ => throw new InvalidOperationException("half of the commit was written"));
        journal.Commit([new JournalAction((connection, _) => Scalar(connection, "PRAGMA max_page_count = 1000000"))]);
        var again = Step("job/a", 0, 1, $"[{large}]");
        journal.Commit([again]);
        again.Failure.ShouldBeNull();
    }

    [Fact]
    public void A_second_Lighthouse_on_the_folder_is_refused_at_once()
    {
        using (PoolLock.Take(_folder.Path))
        {
            Should.Throw<PoolInUseException>(() => PoolLock.Take(_folder.Path)).Message.ShouldContain("akc down");
        }

        PoolLock.Take(_folder.Path).Dispose();
    }

    private protected override IJournal Open() => SqliteJournal.Open(_folder["pool.db"]);

    private protected override string? ReadInline(IJournal journal, string job, int task, int attempt) =>
        ((SqliteJournal)journal).Readers.Run(connection =>
        {
            var packed = (byte[]?)Scalar(connection, $"SELECT bytes FROM inline_output WHERE job = '{job}' AND task = {task} AND attempt = {attempt}");
            return packed is null ? null : Encoding.UTF8.GetString(InlineBytes.Unpack(packed).Single().Bytes.Span);
        });

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder["pool.db"]};Pooling=False");
        connection.Open();
        Scalar(connection, sql);
    }
}
