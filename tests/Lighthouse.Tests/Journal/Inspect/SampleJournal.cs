using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Lighthouse.Tests.Journal.Inspect;

/// <summary>What a pool journals of jobs of every state, with all kinds of rows.</summary>
internal static class SampleJournal
{
    /// <summary>Ended; the end of its output stands in the journal.</summary>
    public const string Done = "done";

    /// <summary>Ended; its output is a file.</summary>
    public const string InFile = "in-file";

    /// <summary>Ended; so many tasks that it has a snapshot.</summary>
    public const string Many = "many";

    /// <summary>Ended after a retry, and not well.</summary>
    public const string Failed = "failed";

    /// <summary>Failed, and went on after a retry.</summary>
    public const string Retried = "retried";

    public const string Killed = "killed";

    public const string Runs = "runs";

    public const string Waits = "waits";

    /// <summary>Ended; with an input of two blobs, and a result of one.</summary>
    public const string WithFiles = "with-files";

    public const int JobCount = 9;

    /// <summary>What <see cref="WithFiles"/> names, by their digests.</summary>
    public static IReadOnlyDictionary<string, byte[]> Blobs { get; } = new[]
    {
        Part1, Part2, Result, InputTree.ToBytes(), ResultTree.ToBytes(),
    }.ToDictionary(bytes => Digest.Of(bytes));

    public static byte[] Part1 => "first "u8.ToArray();

    public static byte[] Part2 => "second"u8.ToArray();

    public static byte[] Result => "result"u8.ToArray();

    public static Tree InputTree => new([new TreeFile("in.txt", 12, false, [Digest.Of(Part1), Digest.Of(Part2)])]);

    public static Tree ResultTree => new([new TreeFile("out.txt", 6, false, [Digest.Of(Result)])]);

    private const int ManyTasks = 600;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<Pool> OpenAsync(Home home, string? setting) => Pool.OpenAsync(
        home.LighthouseFolder, () => JournalPlace.Open(home.LighthouseFolder, setting), TimeProvider.System, NullLoggerFactory.Instance, Cancel);

    /// <summary>Leaves it as a Lighthouse that was stopped does.</summary>
    public static async Task WriteAsync(Home home, string? setting)
    {
        await using var pool = await OpenAsync(home, setting);
        var node = new FakeNode(pool);
        node.Connect();
        await WriteEndedAsync(pool, node);
        await SubmitAsync(pool, Killed, cores: 99);
        await pool.AskAsync<JobCancelReply>(Address.Job(Killed), to => new CancelJob("ann", to), Cancel);
        await SubmitAsync(pool, Runs, tasks: 2);
        await AssignedAsync(node, Runs, 2);
        await SubmitAsync(pool, Waits, cores: 99);
        await pool.Database.WriteAsync(session => session.Run(
            "INSERT INTO members (id, kind, name, owner, role, verifier, local, created) VALUES ('m1', 'Person', 'ann', 'ann', 'Owner', NULL, 1, 1)"));
        await pool.Database.WriteAsync(session => session.Run(
            "INSERT INTO codes (id, key, expires, uses_left, role) VALUES ('c1', $1, 1, NULL, 'Friend')", new byte[32]));
        await pool.Database.WriteAsync(session => session.Run("INSERT INTO identity (key, value) VALUES ('pool', 'p1')"));
        JournalPlace.Remember(home.LighthouseFolder, setting, "p1");
    }

    /// <summary>Jobs from submit to result, for as long as they are wanted.</summary>
    public static async Task WriteOnAsync(Pool pool, CancellationToken enough)
    {
        var node = new FakeNode(pool, "node-2");
        node.Connect();
        using var heartbeats = node.KeepBeating();
        for (var i = 0; !enough.IsCancellationRequested; i++)
        {
            await SubmitAsync(pool, $"on-{i}", tasks: 20);
            await FinishAsync(node, $"on-{i}", 20);
        }
    }

    private static async Task WriteEndedAsync(Pool pool, FakeNode node)
    {
        await SubmitAsync(pool, Done);
        await FinishAsync(node, Done, 1);

        await SubmitAsync(pool, InFile);
        foreach (var attempt in await AssignedAsync(node, InFile, 1))
        {
            await pool.Outputs.AppendAsync(new SegmentFrame(InFile, attempt, 0, 1, "hi"u8.ToArray()), Cancel);
            node.Finish(InFile, attempt, segments: 1);
        }

        await SubmitAsync(pool, Many, ManyTasks);
        await FinishAsync(node, Many, ManyTasks);

        await SubmitAsync(pool, Failed, retries: 1);
        for (var tries = 1; tries <= 2; tries++)
        {
            Fail(pool, node, Failed, (await AssignedAsync(node, Failed, 1)).Single());
        }

        await SubmitAsync(pool, Retried);
        Fail(pool, node, Retried, (await AssignedAsync(node, Retried, 1)).Single());
        await EndedAsync(pool, Retried);
        (await pool.AskAsync<JobRetryReply>(Address.Job(Retried), to => new RetryJob("ann", to), Cancel)).Tasks.ShouldBe(1);
        await FinishAsync(node, Retried, 1);

        foreach (var bytes in Blobs)
        {
            await pool.Blobs.PutAsync(bytes.Key, new MemoryStream(bytes.Value), Cancel);
        }

        await SubmitAsync(pool, WithFiles, inputs: Digest.Of(InputTree.ToBytes()));
        var only = (await AssignedAsync(node, WithFiles, 1)).Single();
        pool.Send(new(Address.Job(WithFiles), new TaskFinished(
            WithFiles, only, node.NodeId, "boot", new Outcome(EndCause.Exited, 0, null, 1, 1, 1), new Produced(0, 0, Digest.Of(ResultTree.ToBytes())))));

        foreach (var job in new[] { Done, InFile, Many, Failed, Retried, WithFiles })
        {
            await EndedAsync(pool, job);
        }
    }

    private static async Task EndedAsync(Pool pool, string job)
    {
        using var watched = pool.Feed.Subscribe(job);
        while (await pool.Views.JobAsync(job, Cancel) is not { HasEnded: true })
        {
            await watched.NextAsync(Cancel);
        }
    }

    private static void Fail(Pool pool, FakeNode node, string job, AttemptRef attempt) => pool.Send(new(Address.Job(job), new TaskFinished(
        job, attempt, node.NodeId, "boot", new Outcome(EndCause.Exited, 7, "a\0b", 0.1 + 0.2, -0.0, 4096), Produced.Nothing)));

    private static async Task SubmitAsync(Pool pool, string id, int tasks = 1, int cores = 1, int retries = 0, string? inputs = null)
    {
        var template = new TaskTemplate(["true"], inputs, new Dictionary<string, string> { ["TOKEN"] = "geheim" }, [], null);
        var spec = new JobSpec(id, "ann", "true", tasks, new ResourceRequest(Cores: cores), null, [], [], retries, template, null);
        await pool.AskAsync<JobAccepted>(Address.Job(id), to => new SubmitJob(spec, to), Cancel);
    }

    private static async Task FinishAsync(FakeNode node, string job, int tasks)
    {
        var inline = new InlineOutput([new InlineSegment(1, "h"u8.ToArray()), new InlineSegment(2, "i"u8.ToArray())]);
        for (var finished = 0; finished < tasks;)
        {
            foreach (var attempt in await AssignedAsync(node, job, 1))
            {
                node.Finish(job, attempt, inline);
                finished++;
            }
        }
    }

    /// <summary>The next attempts, at least so many.</summary>
    private static async Task<List<AttemptRef>> AssignedAsync(FakeNode node, string job, int count)
    {
        var attempts = new List<AttemptRef>();
        while (attempts.Count < count)
        {
            var assign = (await node.NextAsync<LinkAssign>()).Message;
            if (assign.Lease.JobId == job)
            {
                attempts.AddRange(assign.Tasks.SelectMany(r => Enumerable.Range(r.First, r.Count).Select(task => new AttemptRef(task, r.Attempt))));
            }
        }

        return attempts;
    }
}
