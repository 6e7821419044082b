using System.Text;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Tests.Client;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Run;

public sealed class ResultFilesTests : IAsyncLifetime
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
    public async Task Files_land_with_their_paths_content_and_mode()
    {
        var job = await JobAsync(await TreeAsync(("a.txt", "one"), ("sub/run.sh", "two"), ("empty", "")));

        var files = await ResultFiles.FetchAsync(_pool.Client, job, "out", force: false, Cancel);

        files.ShouldBe(["out/a.txt", "out/sub/run.sh", "out/empty"]);
        File.ReadAllText("out/a.txt").ShouldBe("one");
        File.ReadAllText("out/sub/run.sh").ShouldBe("two");
        File.ReadAllText("out/empty").ShouldBe("");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode("out/sub/run.sh").HasFlag(UnixFileMode.UserExecute).ShouldBeTrue();
            File.GetUnixFileMode("out/a.txt").HasFlag(UnixFileMode.UserExecute).ShouldBeFalse();
        }

        Directory.GetFiles("out", "*.akc-part", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_of_several_tasks_has_a_folder_by_its_index()
    {
        var job = await JobAsync(await TreeAsync(("r.txt", "zero")), null, await TreeAsync(("r.txt", "two")));

        (await ResultFiles.FetchAsync(_pool.Client, job, "out", force: false, Cancel)).ShouldBe(["out/0/r.txt", "out/2/r.txt"]);

        File.ReadAllText("out/2/r.txt").ShouldBe("two");
        Directory.Exists("out/1").ShouldBeFalse();
    }

    [Fact]
    public async Task No_files_no_folder()
    {
        (await ResultFiles.FetchAsync(_pool.Client, await JobAsync((string?)null), "out", force: false, Cancel)).ShouldBeEmpty();
        Directory.Exists("out").ShouldBeFalse();
    }

    [Theory]
    [InlineData("c.txt", "mine")] // another length
    [InlineData("c.txt", "tree!")] // the same length
    [InlineData("c.txt/inside", "a folder stands there")]
    public async Task Where_one_file_collides_nothing_is_written(string existing, string content)
    {
        _folder.Write("out/" + existing, content);
        var job = await JobAsync(await TreeAsync(("a.txt", "one"), ("b/b.txt", "two"), ("c.txt", "three")));

        var refused = await Should.ThrowAsync<AkcException>(() => ResultFiles.FetchAsync(_pool.Client, job, "out", force: false, Cancel));

        refused.ExitCode.ShouldBe(ExitCodes.Conflict);
        refused.Message.ShouldContain("c.txt");
        refused.Message.Contains("--force").ShouldBe(File.Exists("out/c.txt")); // it replaces no directory
        File.ReadAllText("out/" + existing).ShouldBe(content);
        Directory.GetFiles("out", "*", SearchOption.AllDirectories).ShouldBe(["out/" + existing]);
    }

    [Fact]
    public async Task A_file_where_a_folder_is_needed_collides_too()
    {
        _folder.Write("out/b", "mine");
        var job = await JobAsync(await TreeAsync(("a.txt", "one"), ("b/deep/b.txt", "two")));

        (await Should.ThrowAsync<AkcException>(() => ResultFiles.FetchAsync(_pool.Client, job, "out", force: false, Cancel))).ExitCode.ShouldBe(ExitCodes.Conflict);

        Directory.GetFiles("out", "*", SearchOption.AllDirectories).ShouldBe(["out/b"]);
    }

    [Theory]
    [InlineData("out/b", "out/b is a file here")]
    [InlineData("out/a.txt/inside", "out/a.txt is a directory here")]
    [InlineData("out", "out is a file here")]
    public async Task What_force_can_not_replace_collides_with_it_too(string existing, string says)
    {
        _folder.Write(existing, "mine");
        var job = await JobAsync(await TreeAsync(("a.txt", "one"), ("b/deep/b.txt", "two")));

        var refused = await Should.ThrowAsync<AkcException>(() => ResultFiles.FetchAsync(_pool.Client, job, "out", force: true, Cancel));

        refused.ExitCode.ShouldBe(ExitCodes.Conflict);
        refused.Message.ShouldContain(says);
        refused.Message.ShouldNotContain("--force");
        Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).ShouldBe([_folder[existing]]);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("a.txt", 2)]
    [InlineData("a.txt/", 2)]
    [InlineData("a.txt/sub/deeper", 2)]
    [InlineData("/proc/none/of/these", 7)]
    public void A_folder_that_can_be_none_is_refused_before_anything_is_sent(string folder, int exitCode)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "its /proc");
        _folder.Write("a.txt", "mine");

        Should.Throw<AkcException>(() => ResultFiles.CheckFolder(folder, "--results")).ExitCode.ShouldBe(exitCode);

        ResultFiles.CheckFolder("new/deep", "--results");
        ResultFiles.CheckFolder(".", "--results");
        Directory.GetFileSystemEntries(_folder.Path).ShouldBe([_folder["a.txt"]]);
    }

    [Fact]
    public async Task With_force_what_differs_is_replaced_and_nothing_else()
    {
        _folder.Write("out/a.txt", "mine");
        _folder.Write("out/other.txt", "mine too");
        var job = await JobAsync(await TreeAsync(("a.txt", "one")));

        await ResultFiles.FetchAsync(_pool.Client, job, "out", force: true, Cancel);

        File.ReadAllText("out/a.txt").ShouldBe("one");
        File.ReadAllText("out/other.txt").ShouldBe("mine too");
    }

    [Fact]
    public async Task What_is_there_and_the_same_is_left_alone_and_named()
    {
        _folder.Write("out/a.txt", "one");
        var written = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc("out/a.txt", written);
        var job = await JobAsync(await TreeAsync(("a.txt", "one"), ("b.txt", "two")));

        (await ResultFiles.FetchAsync(_pool.Client, job, "out", force: false, Cancel)).ShouldBe(["out/a.txt", "out/b.txt"]);

        File.GetLastWriteTimeUtc("out/a.txt").ShouldBe(written);
        File.ReadAllText("out/b.txt").ShouldBe("two");
    }

    [Fact]
    public async Task A_name_as_long_as_a_file_system_takes_is_written()
    {
        var name = new string('x', TreePath.PartBytesMax);
        var job = await JobAsync(await TreeAsync((name, "one")));

        await ResultFiles.FetchAsync(_pool.Client, job, "out", force: false, Cancel);

        File.ReadAllText("out/" + name).ShouldBe("one");
    }

    [Fact]
    public async Task Names_that_Windows_has_not_are_left_out_there_alone_and_said()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        var job = await JobAsync(await TreeAsync(("a.txt", "one"), ("log-20:19.csv", "two"), ("back\\slash", "three")));

        var windows = await ResultPlan.OfAsync(_pool.Client, job, "out", Cancel, TreePath.IsUsableOnWindows);
        windows.Files.Select(file => file.Target).ShouldBe(["out/a.txt"]);
        windows.Notes.ShouldBe([$"2 files have names that can't be on Windows, and are left out: log-20:19.csv, back\\slash; 'akc fetch {job.Id}' on another system brings all"]);
        (await ResultFiles.FetchAsync(_pool.Client, job, "out", force: false, Cancel)).ShouldBe(["out/a.txt", "out/log-20:19.csv", "out/back\\slash"]);
        File.ReadAllText("out/log-20:19.csv").ShouldBe("two");
    }

    [Fact]
    public async Task What_could_not_be_sent_back_is_counted()
    {
        var job = await _pool.SubmitAsync(2);
        foreach (var attempt in await _node.AssignedAsync(2))
        {
            _node.Finish(job, attempt, detail: attempt.Task == 0 ? "1 file is not sent back: new?line (a control sign is in its name)" : null);
        }

        var end = await new Cli.Client.JobStream(_pool.Client, job, ordered: false, follow: true, new Recorder()).ReadAsync(Cancel).InTimeAsync();
        using var captured = new Captured();

        (await ResultFiles.FetchAsync(_pool.Client, end, "out", force: false, Cancel)).ShouldBeEmpty();

        captured.Notes.ShouldBe($"→ some files of 1 task could not be sent back: 'akc logs {job}' names them\n");
    }

    [Fact]
    public async Task Files_of_more_pieces_than_memory_holds_are_not_fetched()
    {
        var piece = await _pool.BlobAsync("x"u8.ToArray());
        var tree = await _pool.BlobAsync(new Tree([new TreeFile("a", 400_000, false, [.. Enumerable.Repeat(piece, 400_000)])]).ToBytes());
        var job = await JobAsync(tree, tree, tree, tree, tree, tree);

        (await Should.ThrowAsync<AkcException>(() => ResultPlan.OfAsync(_pool.Client, job, "out", Cancel))).Message.ShouldContain("more than 2000000 pieces");
    }

    [Fact]
    public async Task A_tree_that_would_leave_the_folder_is_not_used()
    {
        var tree = new Tree([new TreeFile("../evil.txt", 1, false, [await _pool.BlobAsync("x"u8.ToArray())])]);
        var job = await JobAsync(await _pool.BlobAsync(tree.ToBytes()));

        await Should.ThrowAsync<AkcException>(() => ResultFiles.FetchAsync(_pool.Client, job, "out", force: true, Cancel));

        Directory.GetFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Other_bytes_than_their_digest_names_are_never_kept()
    {
        var tree = new Tree([new TreeFile("a.txt", 4, false, [Digest.Of("true"u8)])]).ToBytes();
        var view = new TaskView(0, "succeeded", 1, "mike", 0, "exited", null, 1, 1, 1, 0, Digest.Of(tree));
        await using var damaged = await FakeLighthouse.StartAsync(async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/tasks", StringComparison.Ordinal))
            {
                await FakeLighthouse.AnswerAsync(context, [view], ProtocolJson.Default.ListTaskView);
            }
            else
            {
                await context.Response.Body.WriteAsync(context.Request.Path.Value!.EndsWith(view.ResultsDigest!, StringComparison.Ordinal) ? tree : "fake"u8.ToArray());
            }
        });
        using var client = damaged.Client();
        var job = await JobAsync((string?)null);

        (await Should.ThrowAsync<AkcException>(() => ResultFiles.FetchAsync(client, job, "out", force: false, Cancel))).Message.ShouldContain("damaged");

        Directory.GetFiles("out").ShouldBeEmpty();
    }

    private async Task<string> TreeAsync(params (string Path, string Content)[] files)
    {
        var tree = new List<TreeFile>();
        foreach (var (path, content) in files)
        {
            var bytes = Encoding.UTF8.GetBytes(content);
            tree.Add(new TreeFile(path, bytes.Length, path.EndsWith(".sh", StringComparison.Ordinal), bytes.Length == 0 ? [] : [await _pool.BlobAsync(bytes)]));
        }

        return await _pool.BlobAsync(new Tree(tree).ToBytes());
    }

    /// <summary>A job whose tasks have ended with these results.</summary>
    private async Task<JobView> JobAsync(params string?[] results)
    {
        var job = await _pool.SubmitAsync(results.Length);
        foreach (var attempt in await _node.AssignedAsync(results.Length))
        {
            _node.Finish(job, attempt, results: results[attempt.Task]);
        }

        return await new Cli.Client.JobStream(_pool.Client, job, ordered: false, follow: true, new Recorder()).ReadAsync(Cancel).InTimeAsync();
    }
}
