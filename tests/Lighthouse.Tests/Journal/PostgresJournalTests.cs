using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Postgres;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Tests;

namespace AkkaCompute.Lighthouse.Tests.Journal;

public sealed class PostgresJournalTests(PostgresFixture postgres) : JournalConformance, IAsyncLifetime
{
    private string _address = "";

    public async ValueTask InitializeAsync() => _address = await postgres.NewDatabaseAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public void Each_commit_waits_for_the_disk()
    {
        using (var admin = new PostgresStore(_address).OpenReader())
        {
            admin.Run("SET default_transaction_read_only = off");
            admin.Run($"ALTER DATABASE {admin.Scalar("SELECT current_database()")} SET synchronous_commit = off");
        }

        using var journal = Open();
        object? setting = null;

        journal.Commit([new JournalAction(session => setting = session.Scalar("SHOW synchronous_commit"))]);

        setting.ShouldBe("on");
    }

    [Fact]
    public void A_second_Lighthouse_is_refused_while_the_first_lives()
    {
        using (var first = SqlJournal.Open(new PostgresStore(_address)))
        {
            var refused = Should.Throw<PoolInUseException>(() => SqlJournal.Open(new PostgresStore(_address)));

            refused.Message.ShouldContain("akc down");
            first.Commit([Step("job/a", 0, 1, "[1]")]); // it was not disturbed
        }

        SqlJournal.Open(new PostgresStore(_address)).Dispose();
    }

    [Fact]
    public void A_connection_that_the_server_ended_is_made_again()
    {
        using var journal = SqlJournal.Open(new PostgresStore(_address));
        journal.Commit([Step("job/a", 0, 1, "[1]")]);
        using (var admin = new PostgresStore(_address).OpenReader())
        {
            const string Others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
            admin.Scalar("SELECT count(pg_terminate_backend(pid)) " + Others);
            while ((long)admin.Scalar("SELECT count(*) " + Others)! > 0)
            {
                Thread.Yield(); // it asks them to end, and they may still serve meanwhile
            }
        }

        var again = Step("job/a", 1, 1, "[2]");
        journal.Commit([again]);
        again.Failure.ShouldBeNull();
        journal.UnfinishedJobs().ShouldBeEmpty(); // readers too
        Should.Throw<PoolInUseException>(() => SqlJournal.Open(new PostgresStore(_address))); // and the claim is held again
    }

    [Theory]
    [InlineData("postgres://", "no host")]
    [InlineData("postgres://h", "no name")]
    [InlineData("postgres://h/d?sslmod=require", "sslmod")]
    [InlineData("postgres://h/d?sslmode=maybe", "sslmode")]
    [InlineData("Hots=h;Database=d", "can't be read")]
    [InlineData("Database=d", "no host")]
    public void A_wrong_address_is_refused_in_one_line(string address, string says) =>
        Should.Throw<FormatException>(() => new PostgresStore(address)).Message.ShouldContain(says);

    [Theory]
    [InlineData("postgres://ann:s%40fe@db.lan:6432/my%20pool?sslmode=verify-full", "db.lan", 6432, "ann", "s@fe", "my pool")]
    [InlineData("postgresql://db/pool", "db", 5432, null, null, "pool")]
    [InlineData("Host=db;Database=pool;Username=ann;Password=x", "db", 5432, "ann", "x", "pool")]
    public void Both_forms_of_an_address_are_read(string address, string host, int port, string? user, string? password, string database)
    {
        var settings = PostgresSettings.Parse(address);

        (settings.Host, settings.Port, settings.Username, settings.Password, settings.Database).ShouldBe((host, port, user, password, database));
        new PostgresStore(address).Name.ShouldNotContain("s@fe");
    }

    [Fact]
    public void A_server_that_is_not_there_is_named_and_nothing_waits_for_good()
    {
        var refused = Should.Throw<PoolUnavailableException>(() => SqlJournal.Open(new PostgresStore("postgres://akc:secret@127.0.0.1:1/pool")));

        refused.Message.ShouldContain("127.0.0.1:1");
        refused.Message.ShouldContain("AKC_JOURNAL");
        refused.Message.ShouldContain("connection refused");
        refused.Message.ShouldNotContain("secret");
    }

    [Fact]
    public void A_database_that_is_not_there_and_a_user_that_is_unknown_are_told_apart()
    {
        var database = Should.Throw<PoolUnavailableException>(() => SqlJournal.Open(new PostgresStore(_address + "x")));
        var user = Should.Throw<PoolUnavailableException>(() => SqlJournal.Open(new PostgresStore(_address.Replace("akc@", "nobody@"))));
        var host = Should.Throw<PoolUnavailableException>(() => SqlJournal.Open(new PostgresStore("postgres://akc@no-such-host.invalid/pool")));

        database.Message.ShouldContain("createdb");
        user.Message.ShouldContain("user's name");
        host.Message.ShouldContain("host of that name");
    }

    [Theory]
    [InlineData("28P01", "~/.pgpass")]
    [InlineData("57P03", "wait until it is up")]
    [InlineData("53300", "max_connections")]
    [InlineData("42501", "GRANT")]
    public void Each_cause_has_its_own_advice_at_a_start_and_later(string state, string says)
    {
        var refused = new Npgsql.PostgresException("said", "FATAL", "FATAL", state);

        foreach (var use in new[] { SqlUse.Open, SqlUse.Read })
        {
            var told = PostgresErrors.Explain(refused, use, "PostgreSQL database 'pool'").Message;
            if (use == SqlUse.Open || state != "42501") // a running pool was refused one statement
            {
                told.ShouldContain(says);
            }
        }
    }

    [Theory]
    [InlineData("Host=h;Database=d;Timeout=30", 30, 30)]
    [InlineData("Host=h;Database=d;Timeout=0;Command Timeout=7", 0, 7)]
    [InlineData("Host=h;Database=d;CommandTimeout=300", 5, 300)]
    [InlineData("Host=h;Database=d", 5, 30)]
    [InlineData("postgres://h/d", 5, 30)]
    [InlineData("postgres://h/d?connect_timeout=9", 9, 30)]
    public void A_timeout_that_somebody_gave_is_theirs(string address, int connect, int command) =>
        new PostgresStore(address).Timeouts.ShouldBe((connect, command));

    // An earlier opening of the same test is replaced, as one that was silent for long.
    private protected override ISqlStore NewStore() => new PostgresStore(_address, staleAfter: TimeSpan.Zero);
}
