using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>Journals are read by every later version: these lines never change.</summary>
public sealed class JobJsonTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly Lease Lease = new("l1-1", 1, "j1", "n1", "mike", "b1", 3, 2, new Resources(1, 1024, 0));

    [Theory]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    public void A_number_that_is_infinite_is_unreadable_to_the_Lighthouse_as_to_a_check(string number)
    {
        var (line, _) = Golden.First().Data;
        JsonSerializer.Deserialize(line, JobJson.Default.JobEvent).ShouldNotBeNull();

        Should.Throw<JsonException>(() => JsonSerializer.Deserialize(line.Replace("\"outGlobs\":[]", $"\"outGlobs\":[],\"timeoutSeconds\":{number}"), JobJson.Default.JobEvent));
    }

    public static TheoryData<string, JobEvent> Golden => new()
    {
        {
            """{"e":"submitted","spec":{"name":"sums","owner":"raj","display":"true","taskCount":2,"request":{"cores":1,"gpus":0},"needs":["python3"],"prefers":[],"retriesMax":0,"template":{"command":["true"],"environment":{"A":"1"},"outGlobs":[]}},"at":"2026-01-02T03:04:05+00:00"}""",
            new JobSubmitted(
                new JobSpec(
                    "sums", "raj", "true", 2, new ResourceRequest(), null, ["python3"], [], 0,
                    new TaskTemplate(["true"], null, new Dictionary<string, string> { ["A"] = "1" }, [], null), null),
                At)
        },
        {
            """{"e":"assigned","lease":{"id":"l1-1","epoch":1,"jobId":"j1","nodeId":"n1","nodeName":"mike","bootId":"b1","connection":3,"slots":2,"perTask":{"cores":1,"memoryBytes":1024,"gpus":0}},"tasks":[{"first":0,"count":2,"attempt":1}],"at":"2026-01-02T03:04:05+00:00"}""",
            new TasksAssigned(Lease, [new TaskRange(0, 2, 1)], At)
        },
        {
            """{"e":"ended","nodeName":"mike","ends":[{"attempt":{"task":0,"attempt":1},"outcome":{"cause":"Exited","exitCode":7,"wallMs":1.5,"cpuMs":1,"memoryBytesMax":9},"produced":{"segments":0,"outputBytes":4},"committed":true}],"at":"2026-01-02T03:04:05+00:00"}""",
            new TasksEnded(
                "mike", [new TaskEnd(new AttemptRef(0, 1), new Outcome(EndCause.Exited, 7, null, 1.5, 1, 9), new Produced(0, 4, null), true)], At)
        },
        {
            """{"e":"lost","attempts":[{"task":1,"attempt":1}],"reason":"lost mike","at":"2026-01-02T03:04:05+00:00"}""",
            new AttemptsLost([new AttemptRef(1, 1)], "lost mike", At)
        },
        {
            """{"e":"lost","attempts":[{"task":1,"attempt":1}],"reason":"mike restarted","at":"2026-01-02T03:04:05+00:00","gone":true}""",
            new AttemptsLost([new AttemptRef(1, 1)], "mike restarted", At) { Gone = true }
        },
        {
            """{"e":"lost","attempts":[{"task":1,"attempt":1}],"reason":"lost mike","at":"2026-01-02T03:04:05+00:00","blame":10}""",
            new AttemptsLost([new AttemptRef(1, 1)], "lost mike", At) { Blame = 10 }
        },
        { """{"e":"reopened","by":"raj","at":"2026-01-02T03:04:05+00:00"}""", new JobReopened("raj", At) },
        { """{"e":"gathered","digest":"00","at":"2026-01-02T03:04:05+00:00"}""", new InputsGathered("00", At) },
        { """{"e":"cancelled","by":"raj","at":"2026-01-02T03:04:05+00:00"}""", new JobCancelled("raj", At) },
        {
            """{"e":"completed","state":"Failed","exitCode":1,"reason":"1 of 2 tasks failed","at":"2026-01-02T03:04:05+00:00"}""",
            new JobCompleted(JobState.Failed, 1, "1 of 2 tasks failed", At)
        },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void An_event_is_written_and_read_like_ever(string json, JobEvent e)
    {
        JsonSerializer.Serialize(e, JobJson.Default.JobEvent).ShouldBe(json);
        var read = JsonSerializer.Deserialize(json, JobJson.Default.JobEvent)!;
        JsonSerializer.Serialize(read, JobJson.Default.JobEvent).ShouldBe(json);
        read.ShouldBeOfType(e.GetType());
    }

    [Fact]
    public void A_volatile_event_can_not_be_written() =>
        Should.Throw<NotSupportedException>(() => JsonSerializer.Serialize(new DemandSent(1, At), JobJson.Default.JobEvent));
}
