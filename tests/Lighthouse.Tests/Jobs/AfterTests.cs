using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>A job that is to run after others waits until each has ended with success.</summary>
public sealed class AfterTests
{
    [Fact]
    public void It_asks_the_other_job_every_few_seconds_and_the_Fleet_for_nothing()
    {
        var job = new JobUnderTest();

        var sent = job.Tell(new SubmitJob(Spec(3) with { After = ["a", "b"] }, Client));

        sent.One<JobAccepted>();
        Asked(sent).ShouldBe(["a", "b"]);
        sent.Of<Demand>().ShouldBeEmpty();
        job.Tell(Outcome("a", null)).ShouldBeEmpty();
        Asked(job.Wait(JobLimits.AskSeconds)).ShouldBe(["a", "b"]);
        job.Machine.Demand.ShouldBeNull();
        job.Machine.Awaited.ShouldBe(["a", "b"]);
        job.Machine.View().State.ShouldBe("queued");
        job.Machine.View().After.ShouldBe(["a", "b"]);
    }

    [Fact]
    public void It_begins_when_the_last_of_them_has_succeeded()
    {
        var job = Waiting("a", "b");

        job.Tell(Outcome("a", JobState.Succeeded)).Of<Demand>().ShouldBeEmpty();
        job.Tell(Outcome("a", JobState.Succeeded)).ShouldBeEmpty(); // told twice
        Asked(job.Wait(JobLimits.AskSeconds)).ShouldBe(["b"]);
        job.Tell(Outcome("b", JobState.Succeeded)).One<Demand>().SlotsWanted.ShouldBe(3);

        Assigned(job.Grant("l1", slots: 3)).Count.ShouldBe(3);
        job.Tell(Outcome("b", JobState.Failed)).ShouldBeEmpty(); // nobody waits for it any more
        Asked(job.Wait(60)).ShouldBeEmpty();
    }

    [Fact]
    public void A_restart_while_it_waits_asks_all_of_them_again()
    {
        var job = Waiting("a", "b");
        job.Tell(Outcome("a", JobState.Succeeded));
        job.Restart();

        var sent = job.Wait(0);

        Asked(sent).ShouldBe(["a", "b"]);
        sent.Of<Demand>().ShouldBeEmpty();
        job.RestartFromSnapshot();
        Asked(job.Wait(0)).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void A_restart_after_it_has_begun_asks_nobody()
    {
        var job = Waiting("a");
        job.Tell(Outcome("a", JobState.Succeeded));
        job.Grant("l1", slots: 2);
        job.Restart();

        var sent = job.Wait(30);

        Asked(sent).ShouldBeEmpty();
        sent.Of<Demand>().ShouldNotBeEmpty();
        job.RestartFromSnapshot();
        Asked(job.Wait(30)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(JobState.Failed, "it was to run after job a, which failed (task 3 exited with 7)")]
    [InlineData(JobState.Cancelled, "it was to run after job a, which was cancelled")]
    public void It_ends_when_one_of_them_has_no_success(JobState end, string reason)
    {
        var job = Waiting("a", "b");

        job.Tell(Outcome("a", end, "task 3 exited\nwith 7"));

        var view = job.Machine.View();
        (view.State, view.ExitCode, view.Reason, view.Succeeded, view.Failed).ShouldBe(("cancelled", 1, reason, 0, 0));
        job.Deadline.ShouldBeNull();
        job.Restart();
        job.Machine.View().Reason.ShouldBe(reason);
    }

    [Fact]
    public void It_ends_when_one_of_them_is_nowhere()
    {
        var job = Waiting("a");
        job.Tell(new JobOutcome("a", Exists: false, null, null));
        job.Machine.View().Reason.ShouldBe("it was to run after job a, which is unknown");
    }

    [Fact]
    public void A_retry_waits_again()
    {
        var job = Waiting("a");
        job.Tell(Outcome("a", JobState.Failed));

        var sent = job.Tell(new RetryJob("raj", Client));

        sent.One<JobRetryReply>().ShouldBe(new JobRetryReply(3, null));
        Asked(sent).ShouldBe(["a"]);
        sent.Of<Demand>().ShouldBeEmpty();
        job.Restart();
        job.Tell(Outcome("a", JobState.Succeeded)).One<Demand>().SlotsWanted.ShouldBe(3);
    }

    [Fact]
    public void It_can_be_cancelled_while_it_waits()
    {
        var job = Waiting("a");
        job.Tell(new CancelJob("raj", Client)).One<JobCancelReply>().ShouldBe(new JobCancelReply(true, false));
        job.Machine.View().State.ShouldBe("cancelled");
        job.Machine.Awaited.ShouldBeEmpty();
        job.Tell(Outcome("a", JobState.Succeeded)).ShouldBeEmpty();
    }

    /// <summary>Of a Fleet that remembers what the job asked before it was cancelled and retried.</summary>
    [Fact]
    public void A_lease_that_comes_while_it_waits_goes_back()
    {
        var job = Waiting("a");
        job.Grant("l1").One<ReleaseLease>().LeaseId.ShouldBe("l1");
        job.Machine.View().State.ShouldBe("queued");
    }

    [Fact]
    public void Who_asked_hears_at_once_that_the_job_has_ended()
    {
        var job = Submitted(1);
        job.Grant("l1");
        job.Tell(new AskOutcome(Address.Job("z"))).One<JobOutcome>().ShouldBe(new JobOutcome("j1", true, null, null));
        job.Tell(new AskOutcome(Address.Job("z")));

        var sent = job.Finish(0, exit: 3);

        var told = sent.Where(e => e.Message is JobOutcome).ShouldHaveSingleItem();
        told.ShouldBe(new Envelope(Address.Job("z"), new JobOutcome("j1", true, JobState.Failed, "exited with 3")));
        job.Restart();
        job.Tell(new AskOutcome(Address.Job("z"))).One<JobOutcome>().State.ShouldBe(JobState.Failed);
        new JobUnderTest().Tell(new AskOutcome(Address.Job("z"))).One<JobOutcome>().Exists.ShouldBeFalse();
    }

    [Fact]
    public void Who_asked_hears_that_it_was_cancelled_or_ended_before_it_began()
    {
        var job = Waiting("a");
        job.Tell(new AskOutcome(Address.Job("z")));
        job.Tell(Outcome("a", JobState.Cancelled)).One<JobOutcome>().State.ShouldBe(JobState.Cancelled);

        job = Submitted(1);
        job.Tell(new AskOutcome(Address.Job("z")));
        job.Tell(new CancelJob("raj", Client)).One<JobOutcome>().State.ShouldBe(JobState.Cancelled);
    }

    private static JobUnderTest Waiting(params string[] after)
    {
        var job = new JobUnderTest();
        job.Tell(new SubmitJob(Spec(3) with { After = after }, Client));
        return job;
    }

    private static JobOutcome Outcome(string job, JobState? state, string? reason = null) => new(job, true, state, reason);

    private static List<string> Asked(IEnumerable<Envelope> sent) => [.. sent.Where(e => e.Message is AskOutcome).Select(e => e.To.Id)];
}
