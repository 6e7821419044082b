using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>A damaged <c>pool.db</c>: it opens, and what is read is there or said to be damaged; or it does not, with one line.</summary>
internal sealed class JournalFiles : IFuzzTarget
{
    private readonly string _root = Directory.CreateTempSubdirectory("akc-fuzz-").FullName;
    private int _made;

    public JournalFiles() => Seeds = [MakeAsync(Path.Combine(_root, "seed")).GetAwaiter().GetResult()];

    public string Name => "journal";

    public IReadOnlyList<byte[]> Seeds { get; }

    public IReadOnlyList<string> Words => ["SQLite format 3", "JobSubmitted", "kind", "job_views", "events", "members"];

    public FuzzBounds Bounds => FuzzBounds.Outside with { InputBytesMax = 1024 * 1024 };

    public string Run(ReadOnlySpan<byte> input)
    {
        var folder = Path.Combine(_root, $"{++_made}");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "pool.db"), input);
        try
        {
            return ReadAsync(folder).GetAwaiter().GetResult();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static Task<Pool> OpenAsync(string folder) =>
        Pool.OpenAsync(folder, () => JournalPlace.Open(folder, null), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

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
                var jobs = await pool.Views.JobsAsync(all: true, 10, CancellationToken.None);
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
