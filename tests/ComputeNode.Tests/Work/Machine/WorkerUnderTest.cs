using AkkaCompute.ComputeNode.Work.Machine;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Tests.Work.Machine;

/// <summary>A node's Worker on the real loop, and short words for what it is told; the test owns its time.</summary>
internal sealed class WorkerUnderTest
{
    public const string Node = "mike";
    public const string Boot = "b1";
    public static readonly Resources OneCore = new(1, 1024, 0);

    private readonly Loop<Worker, WorkerEvent> loop = new(Address.Node(Node));

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public DateTimeOffset? Deadline => loop.Deadline;

    public IReadOnlyList<HeldLease> Held => loop.Machine.Held();

    /// <summary>A worker with so many cores to lend, on its first connection.</summary>
    public static WorkerUnderTest Lending(int cores)
    {
        var worker = new WorkerUnderTest();
        worker.Tell(new WorkerStarted(Node, Boot, OneCore.Times(cores)));
        worker.Tell(new LinkUp(1));
        return worker;
    }

    public static AttemptRef Try(int task, int attempt = 1) => new(task, attempt);

    public static Lease Lease(string id, int slots = 1, string job = "j1", long epoch = 1, string boot = Boot, string node = Node, Resources? perTask = null) =>
        new(id, epoch, job, node, node, boot, 1, slots, perTask ?? OneCore);

    public static Assign Tasks(Lease lease, double? timeout, params TaskRange[] tasks) =>
        new(lease, new TaskTemplate(["true"], null, new Dictionary<string, string>(), [], timeout), null, 100, tasks);

    /// <summary>What is sent, with all that is due at once after it.</summary>
    public IReadOnlyList<Envelope> Tell(Message message)
    {
        loop.Deliver(message, Now);
        return [.. loop.Take().Outbox, .. TickWhatIsDue()];
    }

    /// <summary>What is sent while time passes.</summary>
    public IReadOnlyList<Envelope> Wait(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        var sent = new List<Envelope>();
        while (loop.Deadline is { } due && due <= end)
        {
            Now = due > Now ? due : Now;
            sent.AddRange(TickWhatIsDue());
        }

        Now = end;
        return sent;
    }

    /// <summary>Assigns <paramref name="count"/> tasks from <paramref name="first"/> on, first attempts.</summary>
    public IReadOnlyList<Envelope> Assign(Lease lease, int first = 0, int count = 1, double? timeout = null) =>
        Tell(Tasks(lease, timeout, new TaskRange(first, count, 1)));

    public IReadOnlyList<Envelope> Starts(AttemptRef id, string job = "j1") => Tell(new AttemptStarted(job, id));

    public IReadOnlyList<Envelope> Ends(AttemptRef id, EndCause cause = EndCause.Exited, string job = "j1") => Tell(new AttemptEnded(job, id, Outcome(cause)));

    public IReadOnlyList<Envelope> Stores(AttemptRef id, InlineOutput? inline = null, string job = "j1") =>
        Tell(new AttemptStored(job, id, new Produced(3, 12, null), inline));

    public IReadOnlyList<Envelope> Finishes(AttemptRef id, string job = "j1") => [.. Ends(id, job: job), .. Stores(id, job: job)];

    public IReadOnlyList<Envelope> Acks(params AttemptRef[] ids) => Tell(new ResultAck("j1", ids));

    public IReadOnlyList<Envelope> Stops(params AttemptRef[] ids) => Tell(new StopAttempts("j1", ids, "not wanted"));

    public static Outcome Outcome(EndCause cause) => new(cause, 0, null, 1, 1, 1);

    private List<Envelope> TickWhatIsDue()
    {
        var sent = new List<Envelope>();
        for (var ticks = 0; loop.Deadline <= Now; ticks++)
        {
            ticks.ShouldBeLessThan(10_000, "the machine spins");
            loop.Deliver(Tick.Instance, Now);
            var batch = loop.Take();
            batch.Durable.ShouldBeEmpty();
            sent.AddRange(batch.Outbox);
        }

        return sent;
    }
}

internal static class EnvelopeExtensions
{
    /// <summary>The messages of one kind, in order.</summary>
    public static List<T> Of<T>(this IEnumerable<Envelope> sent)
        where T : Message => [.. sent.Select(e => e.Message).OfType<T>()];

    /// <summary>The one message of a kind.</summary>
    public static T One<T>(this IEnumerable<Envelope> sent)
        where T : Message => sent.Of<T>().ShouldHaveSingleItem();

    /// <summary>Task numbers that the executor is told to start, in order.</summary>
    public static List<int> Started(this IEnumerable<Envelope> sent) => [.. sent.Of<StartAttempt>().Select(s => s.Attempt.Task)];
}
