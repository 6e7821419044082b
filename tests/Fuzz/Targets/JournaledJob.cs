using System.Text.Json;
using AkkaCompute.Cli.Output;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Inspect;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Protocol.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>One job's rows of a journal, in the hands of all who read them: its mailbox, <c>akc journal check</c> and <c>export</c>.</summary>
internal sealed class JournaledJob : IJournal
{
    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(5);

    private readonly HostContext _host;
    private JournaledSnapshot? _snapshot;
    private JournaledStep _step;

    public JournaledJob() => _host = new HostContext(
        SteadyTime.Process, this, new CommitWriter(this, NullLogger.Instance), _ => { }, NullLogger.Instance);

    /// <summary>A job's life up to the middle of it, with all kinds of durable events but for its end.</summary>
    public static IReadOnlyList<JobEvent> Running { get; } =
    [
        new JobSubmitted(Samples.Spec, Samples.Now),
        new TasksAssigned(Samples.Lease, [new(0, 3, 1)], Samples.Now),
        new TasksEnded(
            Samples.Node,
            [
                new(new(0, 1), Samples.Outcome, new Produced(1, 5, Samples.Digest), Committed: true),
                new(new(1, 1), Samples.Outcome with { Cause = EndCause.Signalled, ExitCode = 137, Detail = "killed" }, Produced.Nothing, Committed: false),
            ],
            Samples.Now),
        new AttemptsLost([new(2, 1)], "lost mike", Samples.Now) { Blame = 1 },
        new TasksAssigned(Samples.Lease with { Id = "l2", BootId = "b2" }, [new(1, 2, 2), new(3, 1, 1)], Samples.Now),
    ];

    public static IReadOnlyList<JobEvent> Cancelled { get; } =
        [.. Running, new JobCancelled("raj", Samples.Now), new JobCompleted(JobState.Cancelled, 130, "cancelled by raj", Samples.Now)];

    /// <summary>A task of it failed for good.</summary>
    public static IReadOnlyList<JobEvent> Failed { get; } =
    [
        .. Running,
        new TasksEnded(Samples.Node, [new(new(3, 1), Samples.Outcome with { Cause = EndCause.Exited, ExitCode = 7 }, Produced.Nothing, Committed: true)], Samples.Now),
        new JobCompleted(JobState.Failed, 1, "1 of 4 tasks failed", Samples.Now),
    ];

    public static IReadOnlyList<JobEvent> Reopened { get; } =
        [.. Failed, new JobReopened("raj", Samples.Now), new TasksAssigned(Samples.Lease with { Id = "l3", BootId = "b2" }, [new(3, 1, 2)], Samples.Now)];

    public static IReadOnlyList<string> KnownWords => ["submitted", "assigned", "ended", "lost", "cancelled", "completed", "reopened", "failing", "spec", "taskCount", "first", "count", "slots", "fresh"];

    /// <summary>Four readers, each with a tree of JSON and a job of its own.</summary>
    public static FuzzBounds Bounds => FuzzBounds.InMemory with { BytesFixed = 4 * 1024 * 1024, BytesPerByte = 1024 };

    public long Generation => 1;

    /// <summary>Whether the mailbox began at the snapshot.</summary>
    public bool SnapshotTaken { get; private set; }

    public static byte[] Payload(IReadOnlyList<JobEvent> events) =>
        Samples.Text($"[{string.Join(',', events.Select(e => JsonSerializer.Serialize(e, JobJson.Default.JobEvent)))}]");

    public static byte[] SnapshotOf(IReadOnlyList<JobEvent> events) => JsonSerializer.SerializeToUtf8Bytes(
        events.Aggregate(JobSupervisor.Create(Address.Job(Samples.Job)), (job, e) => job.Apply(e)).Snapshot(), JobJson.Default.JobSnapshot);

    /// <summary>The job as people see it after a Lighthouse has loaded it and done what was due.</summary>
    /// <exception cref="PoolUnavailableException">It can't be loaded.</exception>
    public JobView? Load(JournaledSnapshot? snapshot, JournaledStep step)
    {
        (_snapshot, _step, SnapshotTaken) = (snapshot, step, false);
        var mailbox = new JobMailbox(Samples.Job, _host, new JobFeed());
        var read = new MachineRead<JobSupervisor, JobView?>(job => job.Exists ? job.View() : null);
        mailbox.Post(new(null, null, read));
        mailbox.Close();
        mailbox.RunAsync(() => { }, item => item.Fail(new InvalidOperationException("nobody takes it"))).WaitAsync(ReadTime).GetAwaiter().GetResult();
        return read.Done.WaitAsync(ReadTime).GetAwaiter().GetResult();
    }

    /// <summary>What <c>akc journal check</c> says of it.</summary>
    public static IReadOnlyList<JournalProblem> Check(JournaledSnapshot? snapshot, JournaledStep step)
    {
        var problems = new Problems(keptMax: 100);
        var steps = new MachineSteps("job/" + Samples.Job, new JobReplay(Samples.Job, new JobRows { Snapshot = snapshot }, null, problems), problems);
        steps.Add(step);
        steps.End();
        foreach (var problem in problems.Kept)
        {
            Promise.IsLine(Words.Line(problem.Finding, lengthMax: 300), "what is wrong with a journal");
        }

        return problems.Kept;
    }

    public void Commit(IReadOnlyList<JournalWrite> writes)
    {
    }

    public Task ReadAsync(string machine, Func<JournaledSnapshot, bool> snapshot, Action<JournaledStep> step)
    {
        SnapshotTaken = _snapshot is { } taken && snapshot(taken);
        if (!SnapshotTaken)
        {
            step(_step);
        }

        return Task.CompletedTask;
    }

    public IReadOnlyList<string> UnfinishedJobs() => [Samples.Job];

    public void Dispose() => _host.Writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
