using System.Text;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>The checker accepts a history that is right, and says of each wrong one what is wrong.</summary>
public sealed class HistoryCheckerTests
{
    private const string Digest = "digest";

    private static readonly AcknowledgedJob Job = new("j", new TaskScript(Lines: 2, Pause: 0, ResultBytes: 3, FailingAttempts: 1), TaskCount: 1, RetriesMax: 1);

    // Attempt 1 fails, attempt 2 does not.
    private static readonly Mark[] Marks =
    [
        new("j", 0, 1, "start", null, 1, "n1", 10), new("j", 0, 1, "end", TaskScript.FailureCode, 2, "n1", 10),
        new("j", 0, 2, "start", null, 3, "n2", 11), new("j", 0, 2, "end", 0, 4, "n2", 11),
    ];

    private static readonly TaskView Task = new(0, "succeeded", 2, "n2", 0, "exited", null, 1, 1, 1, 8, Digest);

    // What a job that may not be tried again comes to.
    private static readonly AcknowledgedJob FailingJob = Job with { RetriesMax = 0 };

    private static readonly TaskView FailedTask = Task with { State = "failed", Attempt = 1, Node = "n1", ExitCode = TaskScript.FailureCode };

    [Fact]
    public void What_is_right_is_accepted()
    {
        Check(Job, Told(Task), Marks).ShouldBeEmpty();
        Check(FailingJob, Told(FailedTask), Marks[..2]).ShouldBeEmpty();
        Check(Job, Told(Task), Marks, mayBeLost: false).ShouldBeEmpty();
    }

    [Fact]
    public void A_job_that_is_lost_or_unknown_or_open_is_found()
    {
        new HistoryChecker(new History(Marks)).Check([Job], []).ShouldHaveSingleItem().ShouldContain("lost");
        new HistoryChecker(new History([])).Check([], [Told(Task)]).ShouldHaveSingleItem().ShouldContain("nobody submitted it");
        var open = Told(Task);
        Check(Job, open with { View = open.View with { State = "running" } }, Marks).ShouldHaveSingleItem().ShouldContain("has not ended");
    }

    [Fact]
    public void A_failure_that_is_told_as_success_is_found() =>
        Check(FailingJob, Told(FailedTask with { State = "succeeded" }), Marks[..2]).ShouldContain(v => v.Contains("is succeeded, though it ended with 7"));

    [Fact]
    public void A_success_that_is_told_as_a_failure_is_found() =>
        Check(Job, Told(Task with { State = "failed" }), Marks).ShouldContain(v => v.Contains("is failed, though it ended with 0"));

    [Theory]
    [InlineData("failed", 0)]
    [InlineData("succeeded", 7)]
    [InlineData("cancelled", 130)]
    public void A_job_that_is_not_what_its_tasks_are_is_found(string state, int exitCode)
    {
        var told = Told(Task);
        Check(Job, told with { View = told.View with { State = state, ExitCode = exitCode } }, Marks).ShouldHaveSingleItem().ShouldContain("though by its tasks it is succeeded with 0");
    }

    [Fact]
    public void A_failed_job_with_another_exit_code_than_its_one_task_is_found()
    {
        var told = Told(FailedTask);
        Check(FailingJob, told with { View = told.View with { ExitCode = 1 } }, Marks[..2]).ShouldHaveSingleItem().ShouldContain("it is failed with 7");
    }

    [Fact]
    public void Wrong_counts_are_found()
    {
        var told = Told(Task);
        Check(Job, told with { View = told.View with { Succeeded = 0, Failed = 1 } }, Marks).ShouldHaveSingleItem().ShouldContain("counts 0 succeeded and 1 failed");
        Check(Job with { TaskCount = 2 }, told, Marks).ShouldContain(v => v.Contains("has 1 tasks of 2"));
    }

    [Fact]
    public void A_result_of_an_attempt_that_did_not_end_or_ran_elsewhere_is_found()
    {
        Check(Job, Told(Task), Marks[..3]).ShouldHaveSingleItem().ShouldContain("but wrote");
        Check(Job, Told(Task with { Node = "n1" }), Marks).ShouldContain(v => v.Contains("committed as 0 (exited) on n1, but ended with 0 on n2"));
        Check(Job, Told(Task with { ExitCode = 1 }), Marks).ShouldContain(v => v.Contains("committed as 1"));
    }

    [Fact]
    public void An_end_that_the_script_does_not_have_is_found() => // an input file that was not whole
        Check(FailingJob, Told(FailedTask with { ExitCode = TaskScript.WrongInputCode }), [Marks[0], Marks[1] with { ExitCode = TaskScript.WrongInputCode }])
            .ShouldHaveSingleItem().ShouldContain("ended with 99 instead of 7");

    [Fact]
    public void A_task_that_is_given_up_too_early_is_found() =>
        Check(Job, Told(FailedTask), Marks[..2]).ShouldHaveSingleItem().ShouldContain("failed 1 times and may be tried again 1 times");

    [Fact]
    public void A_task_that_is_tried_again_too_often_is_found_unless_a_failure_may_be_lost()
    {
        Check(FailingJob, Told(Task), Marks, mayBeLost: false).ShouldHaveSingleItem().ShouldContain("was tried again after it had failed 1 times");
        Check(FailingJob, Told(Task), Marks, mayBeLost: true).ShouldBeEmpty();
    }

    [Fact]
    public void A_task_that_runs_again_without_a_reason_is_found()
    {
        var job = Job with { Script = Job.Script with { FailingAttempts = 0 } };
        Mark[] marks = [Marks[0], Marks[1] with { ExitCode = 0 }, .. Marks[2..]];
        Check(job, Told(Task), marks, mayBeLost: false).ShouldHaveSingleItem().ShouldContain("ran again, though nothing happened to it");
        Check(job, Told(Task), marks, mayBeLost: true).ShouldBeEmpty();
    }

    [Fact]
    public void An_attempt_that_starts_twice_is_found() =>
        Check(Job, Told(Task), [.. Marks, Marks[0] with { At = 5, Pid = 12 }]).ShouldHaveSingleItem().ShouldContain("attempt 1 was started 2 times");

    [Fact]
    public void Output_and_files_of_another_attempt_or_not_whole_are_found()
    {
        var told = Told(Task);
        Check(Job, told with { Outputs = Outputs(Job.Script.Output(0, attempt: 1)) }, Marks).ShouldHaveSingleItem().ShouldContain("bytes of output");
        Check(Job, told with { Outputs = Outputs("") }, Marks).ShouldHaveSingleItem().ShouldContain("0 bytes of output");
        Check(Job, told with { Files = Files(Job.Script.Result("j", 0, 1, "n2")) }, Marks).ShouldHaveSingleItem().ShouldContain("not what this attempt wrote");
        Check(Job, told with { Files = new Dictionary<int, IReadOnlyDictionary<string, byte[]>>() }, Marks).ShouldHaveSingleItem().ShouldContain("result files are ''");
    }

    [Fact]
    public void What_could_not_be_stored_is_accepted_only_where_a_disk_was_full_and_it_is_told_so()
    {
        var task = Task with { State = "failed", ExitCode = 1, Cause = "notStored", Detail = "the Lighthouse's disk is full", ResultsDigest = null };
        Check(Job, Told(task), Marks).ShouldNotBeEmpty();
        Check(Job, Told(task), Marks, mayNotBeStored: true).ShouldBeEmpty();
        Check(Job, Told(task with { Detail = null }), Marks, mayNotBeStored: true).ShouldNotBeEmpty();
        Check(Job, Told(task with { State = "succeeded" }), Marks, mayNotBeStored: true).ShouldNotBeEmpty();
    }

    private static IReadOnlyList<string> Check(AcknowledgedJob job, ToldJob told, Mark[] marks, bool mayBeLost = true, bool mayNotBeStored = false) =>
        new HistoryChecker(new History(marks)) { MayBeLost = _ => mayBeLost, MayNotBeStored = mayNotBeStored }.Check([job], [told]);

    private static ToldJob Told(TaskView task)
    {
        var hasSucceeded = task.State == "succeeded";
        var view = new JobView(
            "j", "chaos", "raj", "sh", task.State, 1, 0, 0, hasSucceeded ? 1 : 0, hasSucceeded ? 0 : 1, hasSucceeded ? 0 : task.ExitCode,
            DateTimeOffset.UnixEpoch, null, null, [], null);
        return new ToldJob(view, [task], Outputs(Job.Script.Output(0, task.Attempt)), Files(Job.Script.Result("j", 0, task.Attempt, task.Node!)));
    }

    private static Dictionary<int, byte[]> Outputs(string text) => new() { [0] = Encoding.UTF8.GetBytes(text) };

    private static Dictionary<int, IReadOnlyDictionary<string, byte[]>> Files(string text) =>
        new() { [0] = new Dictionary<string, byte[]> { [TaskScript.ResultName] = Encoding.UTF8.GetBytes(text) } };
}
