using System.Text;
using System.Text.Json;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Inspect;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol.Blobs;
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

    private string Blobs => Path.Combine(Home.LighthouseFolder, "blobs");

    private string BlobFile(byte[] bytes) => Path.Combine(Blobs, Digest.Of(bytes)[..2], Digest.Of(bytes)[2..]);

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
    public async Task A_missing_folder_of_outputs_is_named_and_so_is_each_that_is_missed()
    {
        await CopySampleAsync();
        Directory.Delete(Outputs, recursive: true);

        var report = Check();

        report.Problems.Select(p => (p.Machine, p.Finding[..20])).ShouldBe([(null, $"the folder {Outputs} is missing"[..20]), ("job/" + SampleJournal.InFile, "of the output of tas")]);
        report.FilesNotLookedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_missing_folder_of_blobs_is_named_and_so_is_each_that_is_missed()
    {
        await CopySampleAsync();
        Directory.Delete(Blobs, recursive: true);

        var report = Check();

        report.Problems.Count.ShouldBe(3);
        report.Problems[0].Finding.ShouldBe($"the folder {Blobs} is missing");
        report.Problems.Skip(1).ShouldAllBe(p => p.Machine == "job/" + SampleJournal.WithFiles && p.Finding.Contains("is missing"));
    }

    public static TheoryData<string> Changes { get; } = ["is missing", "was cut or changed: its 5 bytes", "was cut or changed: its 6 bytes", "has a wrong size"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_blob_that_is_not_what_its_name_says_is_named(string says)
    {
        await CopySampleAsync();
        foreach (var (bytes, what) in new[] { (SampleJournal.Part2, "its input: in.txt: "), (SampleJournal.Result, "the results of task 0: out.txt: ") })
        {
            var file = BlobFile(bytes);
            var before = File.ReadAllBytes(file);
            switch (says)
            {
                case "is missing":
                    File.Delete(file);
                    break;
                case "has a wrong size":
                    using (var grown = new FileStream(file, FileMode.Open))
                    {
                        grown.SetLength(Tree.BytesMax + 1L);
                    }

                    break;
                default:
                    File.WriteAllBytes(file, says.Contains('5') ? before[..5] : [.. before[..5], (byte)'!']);
                    break;
            }

            var problem = Check().Problems.ShouldHaveSingleItem();

            (problem.Machine, problem.Todo.Length > 0).ShouldBe(("job/" + SampleJournal.WithFiles, true));
            problem.Finding.ShouldStartWith($"{what}blob {Digest.Of(bytes)} {says}");
            File.WriteAllBytes(file, before);
        }
    }

    [Fact]
    public async Task A_tree_that_was_changed_is_named()
    {
        await CopySampleAsync();
        File.AppendAllText(BlobFile(SampleJournal.ResultTree.ToBytes()), " ");

        Check().Problems.ShouldHaveSingleItem().Finding.ShouldStartWith("the results of task 0: blob ");
    }

    [Fact]
    public async Task A_wrong_blob_that_no_job_names_is_named_too()
    {
        await CopySampleAsync();
        var other = BlobFile("other"u8.ToArray());
        Directory.CreateDirectory(Path.GetDirectoryName(other)!);
        File.WriteAllText(other, "other");
        Check().Problems.ShouldBeEmpty();

        File.WriteAllText(other, "wrong");

        Check().Problems.ShouldHaveSingleItem().Finding.ShouldContain("which no job names");
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

        Export().Lacks.ShouldBe(["job/done: event 1 is not there"]);
    }

    [Fact]
    public void A_home_without_a_journal_is_told_so_and_nothing_is_made()
    {
        var missing = Should.Throw<JournalInspectionException>(() => Check());

        missing.Kind.ShouldBe(InspectionFailure.Missing);
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
