using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>
/// A damaged <c>pool.db</c>: a check says what is wrong, an export loses nothing that it does not name; it opens, and what is read
/// is there or said to be damaged, or it does not, with one line.
/// </summary>
internal sealed class JournalFiles : IFuzzTarget
{
    // Far above what the largest seed takes.
    private static readonly TimeSpan InspectionTime = TimeSpan.FromSeconds(4);

    private readonly string _root = Directory.CreateTempSubdirectory("akc-fuzz-").FullName;
    private int _made;

    public JournalFiles()
    {
        var submitted = MakeAsync(Path.Combine(_root, "seed")).GetAwaiter().GetResult();
        Seeds = [submitted, JournalFacts.WithoutLargest(Golden, Path.Combine(_root, "few.db"))];
    }

    /// <summary>Jobs of every state, with results and output.</summary>
    private static string Golden { get; } = Path.Combine(FuzzTargets.RegressionFolder, "../../Lighthouse.Tests/Journal/Golden/format-2.db");

    public string Name => "journal";

    public IReadOnlyList<byte[]> Seeds { get; }

    public IReadOnlyList<string> Words => ["SQLite format 3", "JobSubmitted", "kind", "job_views", "events", "members"];

    public FuzzBounds Bounds => FuzzBounds.Outside with { InputBytesMax = 1024 * 1024 };

    public string Run(ReadOnlySpan<byte> input)
    {
        var home = new Home(Path.Combine(_root, $"{++_made}"));
        Directory.CreateDirectory(home.LighthouseFolder);
        File.WriteAllBytes(Path.Combine(home.LighthouseFolder, "pool.db"), input);
        try
        {
            return $"{Inspect(home)}; {ReadAsync(home.LighthouseFolder).GetAwaiter().GetResult()}";
        }
        finally
        {
            Directory.Delete(home.Root, recursive: true);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static Task<Pool> OpenAsync(string folder) =>
        Pool.OpenAsync(folder, () => JournalPlace.Open(folder, null), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    private static string Inspect(Home home)
    {
        using var journal = JournalInspection.Of(home, null);
        using var enough = new CancellationTokenSource(InspectionTime);
        try
        {
            var report = journal.Check(20, _ => { }, enough.Token);
            var export = journal.Export(withValues: true, _ => { }, again: null, lacksMax: 20, _ => { }, enough.Token);
            Promise.That(!report.IsSound || (export.LackCount == 0 && export.Events == report.Events), "what is sound is not exported whole");
            Promise.That(
                export.LackCount > 0 || JournalFacts.EventsIn(Path.Combine(home.LighthouseFolder, "pool.db")) is not { } events || events == export.Events,
                "an export that lacks nothing has not all events");
            return $"{(report.EndedEarly is not null ? "not read to its end" : report.IsSound ? "sound" : "problems")}, {(export.LackCount == 0 ? "exported" : "a part exported")}";
        }
        catch (JournalInspectionException e)
        {
            Promise.IsLine(e.Message, "why a journal can't be looked at");
            return $"not looked at: {e.Kind}";
        }
        catch (OperationCanceledException)
        {
            throw new BrokenPromiseException($"a journal is looked at for more than {InspectionTime.TotalSeconds} s");
        }
    }

    private static async Task<string> ReadAsync(string folder)
    {
        Pool pool;
        try
        {
            pool = await OpenAsync(folder);
        }
        catch (Exception e) when (e is PoolUnavailableException or JournalFormatException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // as LighthouseProcess tells it
            Promise.IsLine(e.Message, "why a Lighthouse does not start");
            return $"does not open: {e.GetType().Name} {e.Message.Replace(folder, "")}";
        }

        await using (pool)
        {
            try
            {
                var jobs = await pool.Views.JobsAsync(all: true, 10, JobPlace.Newest, CancellationToken.None);
                var job = await pool.ReadJobAsync(Samples.Job, job => job.View(), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(3));
                return $"opens, {(jobs.Count > 0 ? "a list" : "no list")}, {(job is null ? "no job" : "a job")}";
            }
            catch (Exception e) when (e is PoolUnavailableException or InvalidDataException or JournalFormatException)
            {
                Promise.IsLine(e.Message, "what is damaged");
                return $"opens, can't be read: {e.GetType().Name}";
            }
        }
    }

    private static async Task<byte[]> MakeAsync(string folder)
    {
        await using (var pool = await OpenAsync(folder))
        {
            await pool.AskAsync<JobAccepted>(Address.Job(Samples.Job), reply => new SubmitJob(Samples.Spec, reply), CancellationToken.None);
        }

        SqliteConnection.ClearAllPools();
        return await File.ReadAllBytesAsync(Path.Combine(folder, "pool.db"));
    }
}
