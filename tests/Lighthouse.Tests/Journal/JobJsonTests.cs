using System.Text;
using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Journal;

/// <summary>What stands in the journals of version 0.1: it must be read forever, so these texts never change.</summary>
public sealed class JobJsonTests
{
    private const string At = "2030-01-01T00:00:00+00:00";

    private static readonly DateTimeOffset Time = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Lease Lease = new("l1", 3, "j1", "n1", "node-a", "b1", 3000001, 2, new Resources(1, 1024, 0));
    private static readonly TaskEnd End = new(new(4, 2), new Outcome(EndCause.Exited, 7, null, 1.5, 0.5, 4096), new Produced(3, 99, "ab"), true);

    private static readonly (JobEvent Event, string Json)[] Known =
    [
        (new JobSubmitted(
            new JobSpec("n", "ann", "true", 2, new ResourceRequest(1, null, 0), null, ["python3"], [], 1, new TaskTemplate(["true"], null, new Dictionary<string, string>(), [], null), null),
            Time),
            $$$$"""{"e":"submitted","spec":{"name":"n","owner":"ann","display":"true","taskCount":2,"request":{"cores":1,"gpus":0},"needs":["python3"],"prefers":[],"retriesMax":1,"template":{"command":["true"],"environment":{},"outGlobs":[]}},"at":"{{{{At}}}}"}"""),
        (new TasksAssigned(Lease, [new TaskRange(0, 5, 1)], Time),
            $$$$"""{"e":"assigned","lease":{"id":"l1","epoch":3,"jobId":"j1","nodeId":"n1","nodeName":"node-a","bootId":"b1","connection":3000001,"slots":2,"perTask":{"cores":1,"memoryBytes":1024,"gpus":0}},"tasks":[{"first":0,"count":5,"attempt":1}],"at":"{{{{At}}}}"}"""),
        (new TasksEnded("node-a", [End], Time),
            $$$$"""{"e":"ended","nodeName":"node-a","ends":[{"attempt":{"task":4,"attempt":2},"outcome":{"cause":"Exited","exitCode":7,"wallMs":1.5,"cpuMs":0.5,"memoryBytesMax":4096},"produced":{"segments":3,"outputBytes":99,"resultsDigest":"ab"},"committed":true}],"at":"{{{{At}}}}"}"""),
        (new AttemptsLost([new(4, 2)], "gone", Time) { Gone = true }, $$$$"""{"e":"lost","attempts":[{"task":4,"attempt":2}],"reason":"gone","at":"{{{{At}}}}","gone":true}"""),
        (new AttemptsLost([new(4, 2)], "slow", Time) { Slow = true, Blame = 1 }, $$$$"""{"e":"lost","attempts":[{"task":4,"attempt":2}],"reason":"slow","at":"{{{{At}}}}","slow":true,"blame":1}"""),
        (new AttemptsAlive([new(4, 2)], Time), $$$$"""{"e":"alive","attempts":[{"task":4,"attempt":2}],"at":"{{{{At}}}}"}"""),
        (new JobCancelled("ann", Time), $$$$"""{"e":"cancelled","by":"ann","at":"{{{{At}}}}"}"""),
        (new InputsGathered("00", Time), $$$$"""{"e":"gathered","digest":"00","at":"{{{{At}}}}"}"""),
        (new JobReopened("ann", Time), $$$$"""{"e":"reopened","by":"ann","at":"{{{{At}}}}"}"""),
        (new JobCompleted(JobState.Failed, 1, "why", Time), $$$$"""{"e":"completed","state":"Failed","exitCode":1,"reason":"why","at":"{{{{At}}}}"}"""),
    ];

    public static TheoryData<int> Events => [.. Enumerable.Range(0, Known.Length)];

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_is_written_as_it_always_was_and_read_back(int known)
    {
        var (written, json) = Known[known];

        Encoding.UTF8.GetString(Write(written)).ShouldBe(json);
        var read = JsonSerializer.Deserialize(json, JobJson.Default.JobEvent)!;
        read.GetType().ShouldBe(written.GetType());
        Encoding.UTF8.GetString(Write(read)).ShouldBe(json);
    }

    [Fact]
    public void Every_durable_event_is_among_the_known_ones()
    {
        var durable = typeof(JobEvent).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(JobEvent)) && !t.IsAssignableTo(typeof(Protocol.Machines.IVolatileEvent)));

        Known.Select(k => k.Event.GetType().Name).Distinct().Order().ShouldBe(durable.Select(t => t.Name).Order());
    }

    private static byte[] Write(JobEvent e) => JsonSerializer.SerializeToUtf8Bytes(e, JobJson.Default.JobEvent);
}
