using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Sqlite;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Lighthouse.Tests.Runtime;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Tests.Journal;

public sealed class SqliteJournalTests : JournalConformance, IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_no_journal_is_refused()
    {
        File.WriteAllText(_folder["pool.db"], new string('x', 8192));

        Should.Throw<JournalFormatException>(Open).Message.ShouldContain("no journal");
    }

    [Fact]
    public void Each_commit_waits_for_the_disk()
    {
        using var journal = Open();
        long? synchronous = null;
        string? mode = null;

        journal.Commit([new JournalAction(session =>
        {
            synchronous = (long?)session.Scalar("PRAGMA synchronous");
            mode = (string?)session.Scalar("PRAGMA journal_mode");
        })]);

        synchronous.ShouldBe(2); // FULL
        mode.ShouldBe("wal");
    }

    [Fact]
    public void A_full_disk_takes_nothing_and_says_so_until_there_is_room()
    {
        using var journal = Open();
        journal.Commit([new JournalAction(session => session.Scalar("PRAGMA max_page_count = 1"))]);
        var large = new string('1', 100_000);

        var refused = Should.Throw<PoolUnavailableException>(
            () => journal.Commit([Step("job/b", 0, 1, "[1]"), Step("job/a", 0, 1, $"[{large}]")]));
        refused.DiskFull.ShouldBeTrue();
        refused.Message.ShouldContain("full");

        Read(journal, "job/b").ShouldBeEmpty(); // no half of the commit was written
        journal.Commit([new JournalAction(session => session.Scalar("PRAGMA max_page_count = 1000000"))]);
        var again = Step("job/a", 0, 1, $"[{large}]");
        journal.Commit([again]);
        again.Failure.ShouldBeNull();
    }

    [Theory]
    [InlineData("COMMIT")]
    [InlineData("INSERT OR ROLLBACK INTO names VALUES ('ann')")]
    public void A_session_takes_the_next_transaction_after_one_that_SQLite_rolled_back_itself(string rolledBackAt)
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var session = new SqliteSession(connection);
        session.Run("CREATE TABLE names (name TEXT UNIQUE)");
        var isFull = rolledBackAt == "COMMIT";
        SQLitePCL.raw.sqlite3_commit_hook(connection.Handle, _ => isFull ? 1 : 0, null); // as a disk that is full at the COMMIT itself

        Should.Throw<SqliteException>(() =>
        {
            using var transaction = session.Begin();
            session.Run("INSERT INTO names VALUES ('ann')");
            if (!isFull)
            {
                session.Run(rolledBackAt);
            }

            transaction.Commit();
        }).Message.ShouldNotContain("rollback"); // the first failure is told, not what it led to

        isFull = false;
        using (var transaction = session.Begin())
        {
            session.Run("INSERT INTO names VALUES ('bob')");
            transaction.Commit();
        }

        session.Read("SELECT name FROM names", row => row.GetString(0)).ShouldBe(["bob"]);
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

    private protected override ISqlStore NewStore() => new SqliteStore(_folder["pool.db"]);
}
