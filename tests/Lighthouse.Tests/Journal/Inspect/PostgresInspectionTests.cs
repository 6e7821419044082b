using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal.Postgres;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Lighthouse.Tests.Journal.Inspect;

public sealed class PostgresInspectionTests(PostgresInspectionTests.Sample sample, PostgresFixture postgres)
    : InspectionConformance, IClassFixture<PostgresInspectionTests.Sample>, IAsyncLifetime
{
    private string _address = "";

    protected override string? Setting => _address;

    public async ValueTask InitializeAsync() => _address = await postgres.NewDatabaseAsync();

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void A_server_that_is_away_is_named_without_secrets()
    {
        using var journal = JournalInspection.Of(Home, "postgres://akc:secret@127.0.0.1:1/pool");

        var away = Should.Throw<JournalInspectionException>(() => journal.Check(1, _ => { }, Cancel));

        away.Kind.ShouldBe(InspectionFailure.Unreadable);
        away.Message.ShouldContain("127.0.0.1:1");
        away.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_home_of_another_pool_looks_at_the_database_and_says_that_it_has_not_its_files()
    {
        await CopySampleAsync();
        using var elsewhere = new TempFolder();
        var (known, unknown) = (new Home(elsewhere["known"]), new Home(elsewhere["unknown"]));
        Directory.CreateDirectory(known.LighthouseFolder);
        File.WriteAllText(Path.Combine(known.LighthouseFolder, "pool.db"), "a pool of its own");
        Directory.CreateDirectory(unknown.LighthouseFolder);
        Lighthouse.Journal.JournalPlace.Remember(unknown.LighthouseFolder, Setting, "p2");

        foreach (var home in new[] { known, unknown })
        {
            using var journal = JournalInspection.Of(home, Setting);
            var report = journal.Check(100, _ => { }, Cancel);
            (report.IsSound, report.FilesNotLookedAt is null).ShouldBe((true, false));
        }
    }

    [Fact]
    public async Task A_database_without_a_journal_is_said_to_be_one()
    {
        _address = await postgres.NewDatabaseAsync();

        var none = Should.Throw<JournalInspectionException>(() => Check());

        (none.Kind, none.Message.Contains("akc up")).ShouldBe((InspectionFailure.Missing, false));
    }

    [Fact]
    public async Task A_table_that_is_lost_is_said_to_be()
    {
        await CopySampleAsync();
        Write(session => session.Run("DROP TABLE task_results"));

        Check().EndedEarly.ShouldNotBeNull().ShouldContain("task_results");
    }

    [Fact]
    public async Task A_Lighthouse_starts_while_it_is_read()
    {
        await CopySampleAsync();
        using var journal = JournalInspection.Of(Home, Setting);
        var started = false;

        var report = journal.Check(100, _ =>
        {
            if (!started)
            {
                started = true;
                Task.Run(async () => await (await SampleJournal.OpenAsync(Home, Setting)).DisposeAsync(), Cancel).Wait(Cancel);
            }
        }, Cancel);

        report.Problems.ShouldBeEmpty();
        (report.Generation, Check().Generation).ShouldBe((1, 2));
    }

    protected override async Task CopySampleAsync()
    {
        await sample.WriteAsync(postgres);
        _address = await postgres.NewDatabaseAsync(sample.Address);
        CopyFolder(sample.Home.LighthouseFolder, Home.LighthouseFolder);
    }

    protected override IReadOnlyList<string> Contents()
    {
        using var session = new PostgresStore(_address).OpenReader();
        return session.Read("SELECT key || '=' || value FROM meta UNION ALL SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1", row => row.GetString(0));
    }

    public sealed class Sample : IDisposable
    {
        private readonly TempFolder _folder = new();
        private readonly SemaphoreSlim _one = new(1);

        public Home Home => new(_folder.Path);

        public string? Address { get; private set; }

        public async Task WriteAsync(PostgresFixture postgres)
        {
            await _one.WaitAsync(Cancel);
            try
            {
                if (Address is null)
                {
                    var address = await postgres.NewDatabaseAsync();
                    await SampleJournal.WriteAsync(Home, address);
                    Address = address;
                }
            }
            finally
            {
                _one.Release();
            }
        }

        public void Dispose()
        {
            _one.Dispose();
            _folder.Dispose();
        }
    }
}
