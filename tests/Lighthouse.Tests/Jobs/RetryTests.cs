using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>A job that ended without success goes on with what has not succeeded.</summary>
public sealed class RetryTests
{
    [Fact]
    public void Only_what_failed_runs_again_and_the_job_can_succeed()
    {
        var job = Ended(failing: [1, 4]);

        var sent = Retry(job);

        sent.One<JobRetryReply>().ShouldBe(new JobRetryReply(2, null));
        sent.One<Demand>().SlotsWanted.ShouldBe(2);
        job.Restart();
        var view = job.Machine.View();
        (view.State, view.Queued, view.Succeeded, view.Failed, view.ExitCode, view.EndedAt, view.Reason).ShouldBe(("queued", 2, 4, 0, null, null, null));

        Assigned(job.Grant("l2", slots: 6)).ShouldBe([(1, 2), (4, 2)]);
        job.Restart();
        job.Report("mike", 2, "b1", new(1, 2), new(4, 2));
        job.Finish(1, 2);
        job.Finish(4, 2);
        job.Restart();
        view = job.Machine.View();
        (view.State, view.Succeeded, view.Failed, view.ExitCode).ShouldBe(("succeeded", 6, 0, 0));
    }

    [Fact]
    public void It_may_fail_and_be_retried_as_often_as_one_likes_and_numbers_go_on()
    {
        var job = Ended(failing: [2]);
        for (var attempt = 2; attempt < 5; attempt++)
        {
            Retry(job).One<JobRetryReply>().Tasks.ShouldBe(1);
            Assigned(job.Grant($"l{attempt}")).ShouldBe([(2, attempt)]);
            job.Finish(2, attempt, exit: 3);
            job.Machine.View().Reason.ShouldBe("1 of 6 tasks failed; task 2 exited with 3");
            job.Restart();
        }
    }

    [Fact]
    public void Tries_are_counted_anew()
    {
        var job = Submitted(1, retries: 1);
        job.Grant("l1");
        job.Finish(0, 1, exit: 1);
        job.Wait(JobLimits.CoolSecondsMin);
        Assigned(job.Grant("l2", "sara")).ShouldBe([(0, 2)]);
        job.Finish(0, 2, "sara", exit: 1);
        job.Machine.View().State.ShouldBe("failed");

        Retry(job);
        Assigned(job.Grant("l3")).ShouldBe([(0, 3)]);
        job.Finish(0, 3, exit: 1);
        job.Wait(JobLimits.CoolSecondsMin);
        Assigned(job.Grant("l4", "sara")).ShouldBe([(0, 4)]);
        job.Finish(0, 4, "sara", exit: 1);
        job.Machine.View().State.ShouldBe("failed");
    }

    [Fact]
    public void A_cancelled_job_goes_on_and_what_was_stopped_counts_no_more()
    {
        var job = Submitted(3);
        job.Grant("l1", slots: 2);
        job.Finish(0);
        job.Tell(new CancelJob("raj", Client));

        var sent = Retry(job);

        sent.One<JobRetryReply>().Tasks.ShouldBe(2);
        job.Restart();
        sent = job.Finish(1, 1); // its process ended before it was told to stop
        sent.One<ResultAck>().Attempts.ShouldBe([new AttemptRef(1, 1)]);
        job.Machine.View().Succeeded.ShouldBe(1);
        job.Report("mike", 2, "b1", new AttemptRef(2, 1)).One<StopAttempts>().Attempts.ShouldBe([new AttemptRef(2, 1)]);
        Assigned(job.Grant("l2", slots: 2)).ShouldBe([(1, 2), (2, 2)]);
        job.Finish(1, 2);
        job.Finish(2, 2);
        job.Machine.View().State.ShouldBe("succeeded");
    }

    [Fact]
    public void A_job_that_one_failure_ended_goes_on_with_all_that_never_ran()
    {
        var job = new JobUnderTest();
        job.Tell(new SubmitJob(Spec(100) with { KeepGoing = false }, Client));
        job.Grant("l1", slots: 2);
        job.Finish(0, exit: 1);
        job.Machine.View().State.ShouldBe("failed");

        Retry(job).One<JobRetryReply>().Tasks.ShouldBe(100);
        job.Restart();
        Assigned(job.Grant("l2", slots: 3)).ShouldBe([(0, 2), (1, 2), (2, 1)]);
    }

    /// <summary>Where a replaced attempt fails for good, its replacement has taken the next number.</summary>
    [Fact]
    public void No_number_of_an_attempt_comes_twice()
    {
        var job = Submitted(1);
        job.Grant("l1", node: "mike");
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeSilent));
        Assigned(job.Grant("l2", node: "sara")).ShouldBe([(0, 2)]);
        job.Finish(0, 1, "mike", exit: 1);
        job.Machine.View().State.ShouldBe("failed");

        Retry(job);
        job.Restart();
        Assigned(job.Grant("l3", node: "ann")).ShouldBe([(0, 3)]);
    }

    [Fact]
    public void Items_are_counted_with_their_tasks()
    {
        var job = new JobUnderTest();
        job.Tell(new SubmitJob(Spec(2) with { Items = new JobItems(10, 5), Template = Spec(2).Template! with { Items = new RangeItems(1, 1) } }, Client));
        job.Grant("l1", slots: 2);
        job.Finish(0);
        job.Finish(1, exit: 1);
        job.Machine.View().ItemsDone.ShouldBe(10);

        Retry(job);
        job.Machine.View().ItemsDone.ShouldBe(5);
        job.Restart();
    }

    [Fact]
    public void What_can_not_be_retried_says_why_and_nothing_happens()
    {
        Refused(new JobUnderTest()).ShouldContain("no such job");
        Refused(Submitted(1)).ShouldContain("it has not ended");
        var job = Submitted(1);
        job.Grant("l1");
        job.Finish(0);
        Refused(job).ShouldContain("all its tasks have succeeded");
    }

    /// <summary>Earlier versions counted failures and did not note of which tasks.</summary>
    [Fact]
    public void A_job_that_ended_under_an_earlier_version_is_not_guessed_at()
    {
        var old = JobSupervisor.Restore(Protocol.Machines.Address.Job("j1"), Ended(failing: [1]).Machine.Snapshot() with { Failing = null });

        old.Decide(new RetryJob("raj", Client), DateTimeOffset.UnixEpoch).Outbox.One<JobRetryReply>().Refusal.ShouldNotBeNull().ShouldContain("earlier version");
    }

    private static JobUnderTest Ended(IReadOnlyList<int> failing)
    {
        var job = Submitted(6);
        job.Grant("l1", slots: 6);
        for (var task = 0; task < 6; task++)
        {
            job.Finish(task, exit: failing.Contains(task) ? 1 : 0);
        }

        job.Machine.View().State.ShouldBe("failed");
        return job;
    }

    private static IReadOnlyList<Protocol.Machines.Envelope> Retry(JobUnderTest job) => job.Tell(new RetryJob("raj", Client));

    private static string Refused(JobUnderTest job)
    {
        var events = job.Journal.Count;
        var reply = Retry(job).One<JobRetryReply>();
        reply.Tasks.ShouldBe(0);
        job.Journal.Count.ShouldBe(events);
        return reply.Refusal!;
    }
}
