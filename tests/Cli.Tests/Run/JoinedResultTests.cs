using System.Text;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Tests.Client;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Run;

/// <summary>Where the parts of a table land.</summary>
public sealed class JoinedResultTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private PoolUnderTest _pool = null!;
    private PlayedNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _pool = await PoolUnderTest.StartAsync();
        _node = new PlayedNode(_pool);
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Parts_are_one_file_and_all_else_lies_by_task()
    {
        var job = await JobAsync([("out.csv", "h\n1\n"), ("log", "x")], [("out.csv", "h\n2")], [("out.csv", "h\n3\n"), ("sub/out.csv", "y")]);
        using var captured = new Captured();

        (await FetchAsync(job)).ShouldBe(["r/0/log", "r/2/sub/out.csv", "r/out.csv"]);

        File.ReadAllText("r/out.csv").ShouldBe("h\n1\n2\n3\n");
        Files().ShouldBe(["r/0/log", "r/2/sub/out.csv", "r/out.csv"]);
        captured.Notes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_is_joined_without_all_parts_and_a_line_says_whose_are_missing()
    {
        var job = await JobAsync([("out.csv", "h\n1\n")], null, [("other", "x")], [("out.csv", "h\n4\n")]);
        using var captured = new Captured();

        (await FetchAsync(job)).ShouldBe(["r/2/other", "r/0/out.csv", "r/3/out.csv"], ignoreOrder: true);

        captured.Notes.ShouldBe("→ out.csv is not joined: the parts of these tasks are missing: 1-2; the parts are in r/INDEX\n");
        Files().ShouldBe(["r/0/out.csv", "r/2/other", "r/3/out.csv"]);
    }

    [Fact]
    public async Task Parts_of_different_tables_are_not_joined()
    {
        var job = await JobAsync([("out.csv", "h\n1\n")], [("out.csv", "g\n2\n")]);
        using var captured = new Captured();

        await FetchAsync(job);

        captured.Notes.ShouldContain("header in task 1");
        Files().ShouldBe(["r/0/out.csv", "r/1/out.csv"]);
    }

    [Fact]
    public async Task A_job_without_any_part_has_nothing_to_say()
    {
        var job = await JobAsync(null, [("log", "x")]);
        using var captured = new Captured();

        (await FetchAsync(job)).ShouldBe(["r/1/log"]);

        captured.Notes.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_there_and_differs_is_kept_and_nothing_is_written()
    {
        var job = await JobAsync([("out.csv", "h\n1\n"), ("log", "x")], [("out.csv", "h\n2\n")]);
        _folder.Write("r/out.csv", "mine");

        (await Should.ThrowAsync<AkcException>(FetchAsync(job))).ExitCode.ShouldBe(ExitCodes.Conflict);
        Files().ShouldBe(["r/out.csv"]);
        File.ReadAllText("r/out.csv").ShouldBe("mine");

        await FetchAsync(job, force: true);
        File.ReadAllText("r/out.csv").ShouldBe("h\n1\n2\n");
    }

    [Fact]
    public async Task What_is_there_and_the_same_is_left_alone()
    {
        var job = await JobAsync([("out.csv", "h\n1\n")], [("out.csv", "h\n2\n")]);
        _folder.Write("r/out.csv", "h\n1\n2\n");
        var written = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc("r/out.csv", written);

        (await FetchAsync(job)).ShouldBe(["r/out.csv"]);

        File.GetLastWriteTimeUtc("r/out.csv").ShouldBe(written);
        Files().ShouldBe(["r/out.csv"]);
    }

    [Theory]
    [InlineData("r")]
    [InlineData("r/out.csv/x")]
    [InlineData("r/0")]
    public async Task What_stands_in_the_way_is_a_conflict(string existing)
    {
        var job = await JobAsync([("out.csv", "h\n1\n"), ("log", "x")], [("out.csv", "h\n2\n")]);
        _folder.Write(existing, "mine");

        (await Should.ThrowAsync<AkcException>(FetchAsync(job))).ExitCode.ShouldBe(ExitCodes.Conflict);

        Files().ShouldBe([existing]);
    }

    private Task<IReadOnlyList<string>> FetchAsync(JobView job, bool force = false) => ResultFiles.FetchAsync(_pool.Client, job, "r", force, Cancel);

    private List<string> Files() =>
        [.. Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder.Path, f)).Order(StringComparer.Ordinal)];

    /// <summary>A job of a record a task that has ended; null where a task left nothing.</summary>
    private async Task<JobView> JobAsync(params (string Path, string Content)[]?[] tasks)
    {
        var kind = new RowItems(await _pool.BlobAsync(new Tree([]).ToBytes()), RowFormat.Csv, "in.csv", "out.csv");
        var job = await _pool.SubmitAsync(tasks.Length, new JobItems(tasks.Length, 1) { Join = new RowJoin("out.csv", RowFormat.Csv) }, kind);
        foreach (var attempt in await _node.AssignedAsync(tasks.Length))
        {
            _node.Finish(job, attempt, results: tasks[attempt.Task] is { } files ? await TreeAsync(files) : null);
        }

        return await new Cli.Client.JobStream(_pool.Client, job, ordered: false, follow: true, new Recorder()).ReadAsync(Cancel).InTimeAsync();
    }

    private async Task<string> TreeAsync((string Path, string Content)[] files)
    {
        var tree = new List<TreeFile>();
        foreach (var (path, content) in files)
        {
            var bytes = Encoding.UTF8.GetBytes(content);
            tree.Add(new TreeFile(path, bytes.Length, false, [await _pool.BlobAsync(bytes)]));
        }

        return await _pool.BlobAsync(new Tree(tree).ToBytes());
    }
}
