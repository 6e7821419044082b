using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>A supervisor, and short words for what it is told.</summary>
internal sealed class JobUnderTest() : MachineUnderTest<JobSupervisor, JobEvent>(Self)
{
    private static readonly Address Self = Address.Job("j1");

    public static readonly Address Client = Address.Client("c1");
    public static readonly Resources OneCore = new(1, 1024, 0);

    /// <summary>A job that was submitted, with what that sent.</summary>
    public static JobUnderTest Submitted(int tasks, int retries = 0)
    {
        var job = new JobUnderTest();
        job.Submit(tasks, retries);
        return job;
    }

    public IReadOnlyList<Envelope> Submit(int tasks, int retries = 0) => Tell(new SubmitJob(Spec(tasks, retries), Client));

    public static JobSpec Spec(int tasks, int retries = 0) => new(
        "sums", "raj", "python sums.py", tasks, new ResourceRequest(), null, ["python3"], [], retries,
        new TaskTemplate(["python3", "sums.py"], null, new Dictionary<string, string>(), [], null), null)
    {
        KeepGoing = true,
    };

    public static Lease Lease(string id, string node = "mike", int slots = 1, string boot = "b1", long connection = 1, long epoch = 1) =>
        new(id, epoch, "j1", node, node, boot, connection, slots, OneCore);

    public IReadOnlyList<Envelope> Grant(string id, string node = "mike", int slots = 1) => Tell(new LeaseGranted(Lease(id, node, slots)));

    public IReadOnlyList<Envelope> Finish(
        int task, int attempt = 1, string node = "mike", int exit = 0, EndCause cause = EndCause.Exited, double wallMs = 1000) =>
        Tell(new TaskFinished(
            "j1", new AttemptRef(task, attempt), node, "b1", new Outcome(cause, exit, null, wallMs, wallMs, 1024), Produced.Nothing));

    public IReadOnlyList<Envelope> Report(string node, long connection, string boot, params AttemptRef[] attempts) =>
        Tell(new WorkerReport("j1", node, boot, connection, attempts));

    /// <summary>From the journal; a snapshot at any place of it gives the same.</summary>
    public void Restart()
    {
        for (var at = 1; at <= Journal.Count; at++)
        {
            Json(Replay(Restored(Replay(JobSupervisor.Create(Self), 0, at)), at, Journal.Count))
                .ShouldBe(Json(Replay(JobSupervisor.Create(Self), 0, Journal.Count)), $"snapshot after {at} of {Journal.Count} events");
        }

        Restart(Copy);
    }

    public void RestartFromSnapshot() => Restart(Restored(Machine));

    /// <summary>Tasks of all assignments, in order.</summary>
    public static List<(int Task, int Attempt)> Assigned(IEnumerable<Envelope> sent) =>
        [.. sent.Of<Assign>().SelectMany(a => a.Tasks).SelectMany(r => Enumerable.Range(r.First, r.Count).Select(t => (t, r.Attempt)))];

    private static JobEvent Copy(JobEvent e) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(e, JobJson.Default.JobEvent), JobJson.Default.JobEvent)!;

    private static JobSupervisor Restored(JobSupervisor job) =>
        JobSupervisor.Restore(Self, JsonSerializer.Deserialize(Json(job), JobJson.Default.JobSnapshot)!);

    private static string Json(JobSupervisor job) => JsonSerializer.Serialize(job.Snapshot(), JobJson.Default.JobSnapshot);

    private JobSupervisor Replay(JobSupervisor job, int first, int end)
    {
        foreach (var e in Journal.Skip(first).Take(end - first))
        {
            job = job.Apply(Copy(e));
        }

        return job;
    }
}
