using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Sqlite;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Lighthouse.Tests.Journal;

/// <summary>
/// Journals that earlier formats wrote, as their akc left them when it was killed. They are never made anew: whatever is
/// changed, each goes on replaying to what its own akc showed.
/// </summary>
public sealed class GoldenJournalTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> All { get; } = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Journal/Golden"), "*.db").Select(path => Path.GetFileName(path))];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public async Task It_replays_to_what_was_shown(string name)
    {
        var shown = Open(name, out var before);
        before.ShouldBe(long.Parse(Path.GetFileNameWithoutExtension(name)["format-".Length..]));

        await using var pool = await Pool.OpenAsync(_folder.Path, () => JournalPlace.Open(_folder.Path, null), TimeProvider.System, NullLoggerFactory.Instance, Cancel);

        shown.Select(j => j.State).Distinct().ShouldBe(["succeeded", "failed", "cancelled", "running", "queued"], ignoreOrder: true);
        foreach (var job in shown)
        {
            var replayed = await pool.ReadJobAsync(job.Id, j => j.View(), Cancel);
            Json(replayed!).ShouldBe(Json(job));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_had_not_ended_goes_on(string name)
    {
        var shown = Open(name, out _);
        await using var pool = await Pool.OpenAsync(_folder.Path, () => JournalPlace.Open(_folder.Path, null), TimeProvider.System, NullLoggerFactory.Instance, Cancel);
        var waits = shown.First(j => j.State == "queued").Id;
        using var watched = pool.Feed.Subscribe(waits);
        var node = new FakeNode(pool);

        node.Connect();
        using var heartbeats = node.KeepBeating();
        for (var job = ""; job != waits;)
        {
            var assigned = (await node.NextAsync<Protocol.Link.LinkAssign>()).Message;
            job = assigned.Lease.JobId;
            foreach (var range in assigned.Tasks)
            {
                for (var task = range.First; task < range.End; task++)
                {
                    node.Finish(job, new(task, range.Attempt));
                }
            }
        }

        while (await pool.ReadJobAsync(waits, j => !j.HasEnded, Cancel))
        {
            await watched.NextAsync(Cancel);
        }

        (await pool.Views.JobAsync(waits, Cancel))!.State.ShouldBe("succeeded");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Output_that_an_earlier_akc_stored_is_there(string name)
    {
        Open(name, out _);
        await using var pool = await Pool.OpenAsync(_folder.Path, () => JournalPlace.Open(_folder.Path, null), TimeProvider.System, NullLoggerFactory.Instance, Cancel);
        var stored = await pool.Database.ReadAsync(session => session.Read("SELECT job, task, attempt FROM inline_output", row => (row.GetString(0), new AttemptRef(row.GetInt32(1), row.GetInt32(2)))), Cancel);

        foreach (var (job, attempt) in stored)
        {
            var output = new List<byte>();
            await foreach (var segment in pool.Outputs.ReadAsync(job, attempt, 0, Cancel))
            {
                output.AddRange(segment.Bytes.Span);
            }

            output.ShouldNotBeEmpty();
        }

        stored.ShouldNotBeEmpty();
    }

    private IReadOnlyList<JobView> Open(string name, out long format)
    {
        var copy = _folder["pool.db"];
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal/Golden", name), copy);
        using var session = new SqliteStore(copy).OpenReader();
        format = (long)session.Scalar("SELECT value FROM meta WHERE key = 'format'")!;
        return session.Read("SELECT view FROM job_views ORDER BY job", row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), ProtocolJson.Default.JobView)!);
    }

    private static string Json(JobView view) => JsonSerializer.Serialize(view, ProtocolJson.Default.JobView);
}
