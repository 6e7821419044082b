using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Tests.Client;

/// <summary>JSON of a Lighthouse that lacks what the types say is there.</summary>
public sealed class ViewCheckTests
{
    private static readonly WhyView Why = new("job1", "queued", null, null, true, [], []);
    private static readonly TaskWhyView TaskWhy = new("job1", new TaskView(0, "queued", 1, null, null, null, null, null, null, null, 0, null), 1, [new FailedTry("mike", "exited with 1")]);

    public static TheoryData<object> Lacking() =>
    [
        TaskWhy with { JobId = null! },
        TaskWhy with { Task = null! },
        TaskWhy with { Task = TaskWhy.Task with { State = null! } },
        TaskWhy with { Task = TaskWhy.Task with { WallMs = 1e38 } },
        TaskWhy with { Tries = null! },
        TaskWhy with { Tries = [null!] },
        TaskWhy with { Tries = [new FailedTry(null!, "x")] },
        TaskWhy with { Why = Why with { Nodes = null! } },
        Why with { Failure = new FailureView("job1", null!, "mike", []) },
        Why with { Failure = new FailureView("job1", "task 0", "mike", [null!]) },
    ];

    [Theory]
    [MemberData(nameof(Lacking))]
    public void Is_refused(object answer) => ViewCheck.IsSound(answer).ShouldBeFalse();

    [Fact]
    public void What_lacks_nothing_is_taken()
    {
        ViewCheck.IsSound(TaskWhy with { Why = Why }).ShouldBeTrue();
        ViewCheck.IsSound(Why with { Failure = new FailureView("job1", "task 0", "mike", ["x"]) }).ShouldBeTrue();
    }
}
