using System.Text;
using System.Text.Json;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Inspect;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Lighthouse.Tests.Journal.Inspect;

/// <summary>What a check must find in any database, and what it must not.</summary>
public abstract class InspectionConformance : IDisposable
{
    private readonly TempFolder _folder = new();

    protected InspectionConformance() => Home = new Home(_folder.Path);

    public static TheoryData<string> Damages { get; } = [.. Damage.All.Keys];

    /// <summary>For <see cref="JournalPlace.Open"/>.</summary>
    protected abstract string? Setting { get; }

    protected Home Home { get; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Outputs => Path.Combine(Home.LighthouseFolder, "outputs");

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_journal_of_all_kinds_is_sound_and_counted()
    {
        await CopySampleAsync();

        var report = Check();

        report.Problems.ShouldBeEmpty();
        report.IsSound.ShouldBeTrue();
        (report.Jobs, report.Unfinished, report.Format, report.Generation).ShouldBe((SampleJournal.JobCount, 2, JournalFormat.Current, 1));
        report.Snapshots.ShouldBeGreaterThan(0);
        report.Events.ShouldBeGreaterThan(600);
        report.Steps.ShouldBeInRange(SampleJournal.JobCount, report.Events);
        report.Bytes.ShouldBeGreaterThan(100_000);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damage_is_found(string name)
    {
        var damage = Damage.All[name];
        await CopySampleAsync();
        Write(session => damage.Plant(session, Outputs));

        var report = Check();

        report.IsSound.ShouldBeFalse();
        report.EndedEarly.ShouldBeNull();
        report.ProblemCount.ShouldBe(report.Problems.Count);
        report.Problems.Count.ShouldBeLessThan(4, "what follows from one damage is not told at length");
        report.Problems.ShouldAllBe(problem => problem.Machine == damage.Machine && problem.Todo.Length > 0);
        report.Problems.ShouldContain(problem => problem.Finding.Contains(damage.Says), string.Join("; ", report.Problems));
    }

    [Fact]
    public async Task Of_many_problems_the_first_are_kept_and_all_are_counted()
    {
        await CopySampleAsync();
        Write(session => session.Run("DELETE FROM task_results WHERE job = $1", SampleJournal.Many));

        var report = Check(problemsMax: 5);

        report.Problems.Count.ShouldBe(5);
        report.ProblemCount.ShouldBe(600);
    }

    [Fact]
    public async Task What_is_read_while_a_Lighthouse_writes_raises_no_alarm()
    {
        await CopySampleAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var pool = await SampleJournal.OpenAsync(Home, Setting);
        var writing = Task.Run(() => SampleJournal.WriteOnAsync(pool, enough.Token), Cancel);
        var first = Check();

        for (var i = 0; i < 20; i++)
        {
            var report = Check();
            report.Problems.ShouldBeEmpty();
            report.EndedEarly.ShouldBeNull();
            report.Generation.ShouldBe(2);
        }

        // Not of a pool that stood still.
        JournalReport later;
        do
        {
            later = Check();
            later.Problems.ShouldBeEmpty();
        }
        while (later.Jobs < first.Jobs + 3 && !writing.IsCompleted);
        await enough.CancelAsync();
        await writing;
        later.Jobs.ShouldBeGreaterThan(first.Jobs);
    }

    [Fact]
    public async Task Nothing_is_changed_by_looking()
    {
        await CopySampleAsync();
        var before = Contents();

        Check();
        Export();

        Contents().ShouldBe(before);
    }

    [Fact]
    public async Task A_journal_of_a_newer_akc_is_refused()
    {
        await CopySampleAsync();
        Write(session => session.Run("UPDATE meta SET value = 99 WHERE key = 'format'"));

        var refused = Should.Throw<JournalInspectionException>(() => Check());

        refused.Kind.ShouldBe(InspectionFailure.Unreadable);
        refused.Message.ShouldContain("upgrade akc");
    }

    [Fact]
    public async Task Every_event_is_a_line_in_order()
    {
        await CopySampleAsync();
        var report = Check();

        var (lines, lacks) = Export();

        lacks.ShouldBeEmpty();
        lines.Count.ShouldBe((int)report.Events);
        var keys = lines.ConvertAll(l => (Machine: l.GetProperty("machine").GetString()!, Sequence: l.GetProperty("sequence").GetInt64()));
        keys.ShouldBe(keys.OrderBy(k => k.Machine, StringComparer.Ordinal).ThenBy(k => k.Sequence));
        foreach (var machine in keys.GroupBy(k => k.Machine))
        {
            machine.Select(k => k.Sequence).ShouldBe(Enumerable.Range(0, machine.Count()).Select(n => (long)n));
        }

        lines.ShouldAllBe(l => l.GetProperty("at").GetDateTimeOffset() > DateTimeOffset.UnixEpoch && l.GetProperty("event").GetProperty("e").ValueKind == JsonValueKind.String);
    }

    [Fact]
    public async Task Values_of_environments_are_exported_only_when_asked_for()
    {
        await CopySampleAsync();

        var without = Export().Lines.ConvertAll(l => l.GetRawText());
        var with = Export(withValues: true).Lines.ConvertAll(l => l.GetRawText());

        without.ShouldAllBe(line => !line.Contains("geheim"));
        without.Count(line => line.Contains("\"environment\":{\"TOKEN\":null}")).ShouldBe(SampleJournal.JobCount);
        with.Count(line => line.Contains("\"environment\":{\"TOKEN\":\"geheim\"}")).ShouldBe(SampleJournal.JobCount);
        with.Select(line => line.Replace("\"geheim\"", "null")).ShouldBe(without);
    }

    [Fact]
    public async Task What_is_not_exported_is_named_and_the_rest_is_there()
    {
        await CopySampleAsync();
        var whole = Export().Lines.Count;
        Damage.All["no JSON"].Plant(Writer(), Outputs);
        Write(session => session.Run("DELETE FROM events WHERE machine = $1 AND sequence = 0", "job/" + SampleJournal.Waits));

        var (lines, lacks) = Export();

        lacks.Count.ShouldBe(1);
        lacks[0].ShouldContain("job/done: the step at event 1");
        lines.Count.ShouldBe(whole - 2);
    }

    [Fact]
    public async Task A_step_that_is_no_text_leaves_no_half_a_line()
    {
        await CopySampleAsync();
        var whole = Export().Lines.Count;
        Write(session => session.Run(
            "UPDATE events SET payload = $2 WHERE machine = $1 AND sequence = 0", "job/" + SampleJournal.Done, "[{\"e\":\"x\",\"of\":\"\\ud800\"}]"u8.ToArray()));

        var (lines, lacks) = Export();

        lacks.Count.ShouldBe(1);
        lacks[0].ShouldContain("job/done: the step at event 0");
        lines.Count.ShouldBe(whole - 1);
    }

    [Fact]
    public async Task The_results_of_many_jobs_are_not_in_memory_at_once()
    {
        await CopySampleAsync();
        using var journal = JournalReading.Open(JournalPlace.Open(Home.LighthouseFolder, Setting));
        var rows = new PageRows(journal, new Problems(1), resultsMax: 2);

        var pages = MachinePages.OfAllTables(journal).All().ToList();
        var parts = pages.SelectMany(rows.Parts).ToList();

        parts.SelectMany(part => part.Machines).ShouldBe(pages.SelectMany(page => page.Machines));
        parts.Count.ShouldBeGreaterThan(2);
        parts.ShouldAllBe(part => part.Jobs.Count == 1 || rows.Read(part).Values.Sum(job => job.Results.Count) <= 2);
        parts.ShouldContain(part => part.Jobs.Count > 1);
    }

    [Fact]
    public async Task A_gap_is_named()
    {
        await CopySampleAsync();
        Write(session => session.Run("DELETE FROM events WHERE machine = $1 AND sequence = 1", "job/" + SampleJournal.Done));

        Export().Lacks.ShouldBe(["job/done: events 1 to 1 are not there"]);
    }

    [Fact]
    public void A_home_without_a_journal_is_told_so_and_nothing_is_made()
    {
        var missing = Should.Throw<JournalInspectionException>(() => Check());

        missing.Kind.ShouldBe(InspectionFailure.Missing);
        missing.Message.ShouldContain("akc up");
        Directory.Exists(Home.LighthouseFolder).ShouldBeFalse();
    }

    /// <summary>Makes <see cref="Home"/> one with <see cref="SampleJournal"/>.</summary>
    protected abstract Task CopySampleAsync();

    protected JournalReport Check(int problemsMax = 100)
    {
        using var journal = JournalInspection.Of(Home, Setting);
        return journal.Check(problemsMax, _ => { }, Cancel);
    }

    protected (List<JsonElement> Lines, List<string> Lacks) Export(bool withValues = false)
    {
        using var journal = JournalInspection.Of(Home, Setting);
        using var written = new MemoryStream();
        var report = journal.Export(withValues, lines => written.Write(lines.Span), again: null, lacksMax: 100, _ => { }, Cancel);
        var lines = Encoding.UTF8.GetString(written.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Count.ShouldBe((int)report.Events);
        return (lines, [.. report.Lacks]);
    }

    private protected void Write(Action<SqlSession> write)
    {
        using var session = Writer();
        write(session);
    }

    private protected SqlSession Writer() => JournalPlace.Open(Home.LighthouseFolder, Setting).OpenWriter();

    /// <summary>Everything that a look might leave a trace in.</summary>
    protected abstract IReadOnlyList<string> Contents();

    protected static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
