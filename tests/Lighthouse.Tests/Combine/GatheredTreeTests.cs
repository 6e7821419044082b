using System.Runtime.CompilerServices;
using System.Text;
using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Combine;
using AkkaCompute.Lighthouse.Outputs;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Tests.Combine;

/// <summary>What a combine works on.</summary>
public sealed class GatheredTreeTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FileBlobStore _blobs;
    private readonly Stored _stored = new();

    public GatheredTreeTests() => _blobs = new FileBlobStore(_folder.Path, new DiskSpace(() => long.MaxValue, TimeProvider.System));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_results_and_stdout_of_each_task_that_succeeded_lie_beside_the_inputs()
    {
        var inputs = await TreeAsync(("sum.py", "code"), ("data/x.csv", "1"));
        Add(0, await TreeAsync(("part.txt", "zero"), ("deep/a.txt", "a")), "printed 0");
        Add(1, null, "");
        Add(2, await TreeAsync(("part.txt", "lost")), "too early", state: "failed");
        Add(1500, await TreeAsync(("part.txt", "last")), "printed 1500");

        (await FilesAsync(inputs)).ShouldBe(
        [
            ("data/x.csv", "1"), ("results/0.stdout", "printed 0"), ("results/0/deep/a.txt", "a"), ("results/0/part.txt", "zero"),
            ("results/1500.stdout", "printed 1500"), ("results/1500/part.txt", "last"), ("sum.py", "code"),
        ]);
    }

    [Fact]
    public async Task What_lies_in_the_way_is_of_an_earlier_run_and_left_out()
    {
        var inputs = await TreeAsync(("results/0/part.txt", "old"), ("results/9.stdout", "old"), ("resultsofmine.txt", "mine"));
        Add(0, await TreeAsync(("part.txt", "new")), "");

        (await FilesAsync(inputs)).ShouldBe([("results/0/part.txt", "new"), ("resultsofmine.txt", "mine")]);
        (await FilesAsync(await TreeAsync(("results", "a file")))).ShouldBe([("results/0/part.txt", "new")]);
    }

    [Fact]
    public async Task Without_inputs_and_results_there_is_an_empty_tree() => (await FilesAsync(null)).ShouldBeEmpty();

    [Fact]
    public async Task Stdout_of_any_size_is_cut_into_blobs()
    {
        Add(0, null, new string('x', Tree.BlobBytesMax + 1000));

        var (digest, _) = await GatherAsync(null);

        var file = (await ReadAsync(digest!)).Files.ShouldHaveSingleItem();
        (file.Bytes, file.Blobs.Count).ShouldBe((Tree.BlobBytesMax + 1000, 2));
    }

    [Fact]
    public async Task What_can_not_be_one_tree_is_told()
    {
        Add(0, await TreeAsync((new string('x', 200) + "/" + string.Join('/', Enumerable.Repeat("folder", 117)), "deep")), "");
        (await GatherAsync(null)).Complaint.ShouldNotBeNull().ShouldContain("not safe");
    }

    [Fact]
    public async Task A_blob_that_is_missing_is_told()
    {
        Add(0, new string('a', 64), "");
        (await GatherAsync(null)).Complaint.ShouldNotBeNull().ShouldContain("is missing");
    }

    private void Add(int task, string? results, string stdout, string state = "succeeded")
    {
        _stored.Tasks.Add(new TaskView(task, state, 1, "mike", 0, "exited", null, 1, 1, 1, stdout.Length, results));
        _stored.Printed.Add(task, stdout);
    }

    private Task<(string? Digest, string? Complaint)> GatherAsync(string? inputs) => new GatheredTree(_stored, _stored, _blobs).StoreAsync("job", inputs, Cancel);

    private async Task<List<(string Path, string Content)>> FilesAsync(string? inputs)
    {
        var (digest, complaint) = await GatherAsync(inputs);
        complaint.ShouldBeNull();
        var files = new List<(string, string)>();
        foreach (var file in (await ReadAsync(digest!)).Files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            files.Add((file.Path, Encoding.UTF8.GetString(await BytesAsync(file.Blobs.Single()))));
        }

        return files;
    }

    private async Task<Tree> ReadAsync(string digest) => Tree.Parse(await BytesAsync(digest));

    private async Task<byte[]> BytesAsync(string digest)
    {
        await using var blob = _blobs.Open(digest)!;
        var bytes = new byte[blob.Length];
        await blob.ReadExactlyAsync(bytes, Cancel);
        return bytes;
    }

    private async Task<string> TreeAsync(params (string Path, string Content)[] files)
    {
        var all = new List<TreeFile>();
        foreach (var (path, content) in files)
        {
            all.Add(new TreeFile(path, content.Length, false, [await PutAsync(Encoding.UTF8.GetBytes(content))]));
        }

        return await PutAsync(new Tree(all).ToBytes());
    }

    private async Task<string> PutAsync(byte[] bytes)
    {
        await _blobs.PutAsync(Digest.Of(bytes), new MemoryStream(bytes), Cancel);
        return Digest.Of(bytes);
    }

    /// <summary>Results and outputs of one job: stderr before and behind what is printed.</summary>
    private sealed class Stored : IViews, IOutputStore
    {
        public List<TaskView> Tasks { get; } = [];

        public Dictionary<int, string> Printed { get; } = [];

        public Task<IReadOnlyList<TaskView>> ResultsAsync(string jobId, int first, int count, CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<TaskView>>([.. Tasks.Where(task => task.Index >= first).OrderBy(task => task.Index).Take(count)]);

        public async IAsyncEnumerable<SegmentFrame> ReadAsync(
            string jobId, AttemptRef attempt, int fromSegment, [EnumeratorCancellation] CancellationToken cancel, long bytesCommitted = 0)
        {
            await Task.CompletedTask;
            yield return new SegmentFrame(jobId, attempt, 0, 2, "aside"u8.ToArray());
            var segment = 1;
            foreach (var part in Encoding.UTF8.GetBytes(Printed[attempt.Task]).Chunk(SegmentFrame.BytesMax))
            {
                yield return new SegmentFrame(jobId, attempt, segment++, 1, part);
            }

            yield return new SegmentFrame(jobId, attempt, segment, 2, "aside"u8.ToArray());
        }

        public Task<IReadOnlyList<JobView>> JobsAsync(bool all, int limit, JobPlace before, CancellationToken cancel) => throw new NotSupportedException();

        public Task<JobView?> JobAsync(string id, CancellationToken cancel) => throw new NotSupportedException();

        public Task<TaskView?> ResultAsync(string jobId, int task, CancellationToken cancel) => throw new NotSupportedException();

        public Task<int> CountAsync(string jobId, AttemptRef attempt, CancellationToken cancel) => throw new NotSupportedException();

        public Task<int> AppendAsync(SegmentFrame segment, CancellationToken cancel) => throw new NotSupportedException();
    }
}
