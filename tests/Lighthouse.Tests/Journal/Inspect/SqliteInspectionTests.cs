using System.Security.Cryptography;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol.Homes;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Tests.Journal.Inspect;

public sealed class SqliteInspectionTests(SqliteInspectionTests.Sample sample) : InspectionConformance, IClassFixture<SqliteInspectionTests.Sample>
{
    private const int PageBytes = 4096;

    protected override string? Setting => null;

    private string Database => Path.Combine(Home.LighthouseFolder, "pool.db");

    [Fact]
    public async Task A_file_whose_last_page_is_cut_off_is_said_to_be_damaged()
    {
        await CopySampleAsync();
        Cut(PageBytes);

        var damaged = Should.Throw<JournalInspectionException>(() => Check());

        damaged.Kind.ShouldBe(InspectionFailure.Unreadable);
        damaged.Message.ShouldContain(Database);
        damaged.Message.ShouldContain("akc journal export");
        damaged.Message.ShouldContain("backup");
    }

    [Theory]
    [InlineData(1, 0)] // what it held may have been no events
    [InlineData(20, 1)]
    public async Task What_the_rest_of_a_cut_file_holds_is_exported_and_the_loss_is_named(int pages, int lostMin)
    {
        await CopySampleAsync();
        var whole = Export().Lines.ConvertAll(l => l.GetRawText());
        Cut(pages * PageBytes);

        var (lines, lacks) = Export();

        lacks.ShouldNotBeEmpty();
        var left = lines.ConvertAll(l => l.GetRawText());
        left.ShouldBeSubsetOf(whole);
        left.Count.ShouldBeInRange(whole.Count / 4, whole.Count - lostMin);
        left.ShouldBe(whole.Intersect(left)); // in the same order
    }

    [Fact]
    public async Task A_page_of_garbage_in_the_middle_loses_no_more_than_it_held()
    {
        await CopySampleAsync();
        var whole = Export().Lines.Count;
        using (var file = new FileStream(Database, FileMode.Open))
        {
            file.Position = PageOf(file, "\"e\":\"ended\""u8.ToArray());
            file.Write(RandomNumberGenerator.GetBytes(PageBytes));
        }

        var (lines, lacks) = Export();

        lacks.ShouldNotBeEmpty();
        lines.Count.ShouldBeInRange(whole / 2, whole - 1);
        var report = Check();
        report.IsSound.ShouldBeFalse();
    }

    [Fact]
    public async Task What_SQLite_itself_finds_is_told()
    {
        await CopySampleAsync();
        Write(session => session.Run("PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'job_views_by_time'"));

        var report = Check();

        report.Problems.ShouldContain(p => p.Machine == null && p.Finding.StartsWith("the database itself: "));
    }

    [Fact]
    public async Task What_is_no_database_is_said_to_be_none()
    {
        await CopySampleAsync();
        await File.WriteAllTextAsync(Database, new string('x', 8192), Cancel);

        Should.Throw<JournalInspectionException>(() => Check()).Kind.ShouldBe(InspectionFailure.Unreadable);
        Should.Throw<JournalInspectionException>(() => Export()).Message.ShouldContain("no journal");
    }

    [Fact]
    public async Task An_empty_file_has_lost_its_journal()
    {
        await CopySampleAsync();
        await File.WriteAllTextAsync(Database, "", Cancel);

        var empty = Should.Throw<JournalInspectionException>(() => Check());

        (empty.Kind, empty.Message.Contains("backup")).ShouldBe((InspectionFailure.Unreadable, true));
    }

    [Fact]
    public async Task A_database_of_another_program_is_no_journal()
    {
        await CopySampleAsync();
        File.Delete(Database);
        using (var other = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE songs (name TEXT)";
            command.ExecuteNonQuery();
        }

        var none = Should.Throw<JournalInspectionException>(() => Check());

        none.Kind.ShouldBe(InspectionFailure.Missing);
        none.Message.ShouldNotContain("akc up");
    }

    [Fact]
    public async Task A_journal_that_does_not_say_its_format_is_damaged_and_not_missing()
    {
        await CopySampleAsync();
        Write(session => session.Run("DELETE FROM meta WHERE key = 'format'"));

        Should.Throw<JournalInspectionException>(() => Check()).Kind.ShouldBe(InspectionFailure.Unreadable);
    }

    [Theory]
    [InlineData("mkfifo")]
    [InlineData("mkdir")]
    [InlineData("ln -s /dev/zero")]
    public async Task What_is_no_file_is_named_and_nobody_waits_at_it(string make)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix's kinds of files");
        await CopySampleAsync();
        File.Delete(Database);
        using (var made = System.Diagnostics.Process.Start("/bin/sh", ["-c", $"exec {make} \"$0\"", Database])!)
        {
            await made.WaitForExitAsync(Cancel);
            made.ExitCode.ShouldBe(0);
        }

        var refused = await Task.Run(() => Should.Throw<JournalInspectionException>(() => Check()), Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        refused.Kind.ShouldBe(InspectionFailure.Unreadable);
        refused.Message.ShouldContain(Database);
        var start = await Should.ThrowAsync<JournalFormatException>(() => Task.Run(() => SampleJournal.OpenAsync(Home, Setting), Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel));
        start.Message.ShouldContain(Database);
    }

    [Fact]
    public async Task Any_file_is_looked_at_with_what_lies_beside_it()
    {
        await CopySampleAsync();
        using var elsewhere = new TempFolder();
        File.Copy(Database, elsewhere["copy.db"]);
        var other = new Home(elsewhere["home"]);
        Directory.CreateDirectory(other.LighthouseFolder);
        File.WriteAllText(Path.Combine(other.LighthouseFolder, "pool.db"), "this home has a pool of its own");

        var alone = Check(other, elsewhere["copy.db"]);
        var backup = Check(other, Database);

        (alone.IsSound, backup.IsSound).ShouldBe((true, true));
        alone.FilesNotLookedAt.ShouldNotBeNull();
        backup.FilesNotLookedAt.ShouldBeNull();
        Directory.Delete(Path.Combine(Home.LighthouseFolder, "outputs"), recursive: true);
        Check(other, Database).IsSound.ShouldBeFalse();
    }

    private static JournalReport Check(Home home, string setting)
    {
        using var journal = JournalInspection.Of(home, setting);
        return journal.Check(100, _ => { }, Cancel);
    }

    [Fact]
    public void A_journal_of_an_older_format_is_checked_as_it_is()
    {
        using var elsewhere = new TempFolder(); // its outputs were never kept
        var golden = elsewhere["pool.db"];
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal/Golden/format-1.db"), golden);
        var before = File.ReadAllBytes(golden);

        var report = Check(Home, golden);

        report.Problems.ShouldBeEmpty();
        (report.Format, report.Snapshots).ShouldBe((1, 0));
        report.Events.ShouldBeGreaterThan(report.Jobs);
        using (var journal = JournalInspection.Of(Home, golden))
        {
            journal.Export(withValues: false, _ => { }, again: null, lacksMax: 1, _ => { }, Cancel).Events.ShouldBe(report.Events);
        }

        Directory.GetFiles(elsewhere.Path).ShouldBe([golden]);
        File.ReadAllBytes(golden).ShouldBe(before);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // what went to a pipe is not taken back
    public async Task An_export_begins_again_when_a_Lighthouse_is_started_meanwhile(bool canTakeBack)
    {
        await CopySampleAsync();
        var whole = Export().Lines.Count;
        using var journal = JournalInspection.Of(Home, null);
        using var written = new MemoryStream();
        var started = 0;

        ExportReport Run() => journal.Export(
            withValues: false, lines => written.Write(lines.Span), canTakeBack ? () => written.SetLength(0) : null, lacksMax: 10, _ =>
            {
                // Once lines have gone out; and it is down again when the next look begins.
                if (written.Length > 0 && started++ == 0)
                {
                    Task.Run(async () => await (await SampleJournal.OpenAsync(Home, Setting)).DisposeAsync(), Cancel).Wait(Cancel);
                }
            }, Cancel);

        if (canTakeBack)
        {
            var report = Run();
            (report.Events, report.LackCount).ShouldBe((whole, 0));
            System.Text.Encoding.UTF8.GetString(written.ToArray()).Count(c => c == '\n').ShouldBe(whole);
        }
        else
        {
            Should.Throw<JournalInspectionException>(Run).Message.ShouldContain("export again");
        }

        started.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task What_a_killed_Lighthouse_left_in_its_log_is_read_and_stays_there()
    {
        await CopySampleAsync();
        using var killed = new TempFolder();
        var left = new Home(killed.Path);
        await using (await SampleJournal.OpenAsync(Home, Setting))
        {
            CopyFolder(Home.LighthouseFolder, left.LighthouseFolder);
        }

        var log = File.ReadAllBytes(Path.Combine(left.LighthouseFolder, "pool.db-wal"));
        log.ShouldNotBeEmpty();
        using var journal = JournalInspection.Of(left, null);
        var report = journal.Check(100, _ => { }, Cancel);

        report.Problems.ShouldBeEmpty();
        report.Generation.ShouldBe(2); // of the log
        File.ReadAllBytes(Path.Combine(left.LighthouseFolder, "pool.db-wal")).ShouldBe(log);
    }

    protected override Task CopySampleAsync()
    {
        CopyFolder(sample.Home.LighthouseFolder, Home.LighthouseFolder);
        return Task.CompletedTask;
    }

    protected override IReadOnlyList<string> Contents() =>
    [
        .. Directory.EnumerateFileSystemEntries(Home.LighthouseFolder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => File.Exists(path) ? $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))} {File.GetLastWriteTimeUtc(path):O}" : path),
    ];

    private void Cut(int bytes)
    {
        using var file = new FileStream(Database, FileMode.Open);
        file.SetLength(file.Length - bytes);
    }

    /// <summary>Where the first page begins that holds <paramref name="text"/>, but for those that hold everything together.</summary>
    private static long PageOf(FileStream file, byte[] text)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes.AsSpan(PageBytes * 10).IndexOf(text) is var at && at >= 0 ? (at / PageBytes * PageBytes) + (PageBytes * 10) : throw new InvalidOperationException("no page has it");
    }

    public sealed class Sample : IAsyncLifetime
    {
        private readonly TempFolder _folder = new();

        public Home Home => new(_folder.Path);

        public async ValueTask InitializeAsync() => await SampleJournal.WriteAsync(Home, null);

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
