using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>What nodes say they have, and what was lost on the way to them.</summary>
public sealed class JobReportsTests
{
    private static readonly AttemptRef First = new(0, 1);

    [Fact]
    public void What_runs_where_it_should_is_claimed_and_the_rest_is_stopped()
    {
        var job = Submitted(3);
        job.Grant("l1", slots: 2);
        var sent = job.Report("mike", 1, "b1", First, new AttemptRef(1, 1), new AttemptRef(2, 1), new AttemptRef(0, 4));

        sent.One<ClaimAttempts>().Attempts.ShouldBe([First, new AttemptRef(1, 1)]);
        sent.One<StopAttempts>().Attempts.ShouldBe([new AttemptRef(2, 1), new AttemptRef(0, 4)]);
    }

    [Fact]
    public void A_replaced_attempt_that_may_win_is_claimed()
    {
        var job = Submitted(1);
        job.Grant("l1");
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeGone));
        job.Grant("l2", "sara");

        job.Report("mike", 2, "b1", First).One<ClaimAttempts>().Attempts.ShouldBe([First]);
        job.Report("mike", 2, "b2", First).One<StopAttempts>().Attempts.ShouldBe([First]);
    }

    [Fact]
    public void An_assignment_that_nobody_confirms_is_sent_again_the_same()
    {
        var job = Submitted(1);
        job.Grant("l1");
        var again = job.Wait(JobLimits.UnconfirmedSeconds + Demand.RenewSeconds).Of<Assign>();

        again.ShouldHaveSingleItem().Tasks.ShouldBe([new TaskRange(0, 1, 1)]);
        job.Journal.OfType<TasksAssigned>().Count().ShouldBe(1);
    }

    [Fact]
    public void What_is_reported_every_few_seconds_is_not_sent_again()
    {
        var job = Submitted(1);
        job.Grant("l1");
        for (var i = 0; i < 10; i++)
        {
            job.Wait(5).Of<Assign>().ShouldBeEmpty();
            job.Report("mike", 1, "b1", First);
        }
    }

    [Fact]
    public void An_assignment_missing_in_a_report_of_the_same_connection_is_sent_again_after_a_while()
    {
        var job = Submitted(2);
        job.Grant("l1", slots: 2);
        job.Report("mike", 1, "b1", First).Of<Assign>().ShouldBeEmpty();
        job.Wait(9);
        job.Report("mike", 1, "b1", First).Of<Assign>().ShouldBeEmpty();
        job.Wait(2).Of<Assign>().ShouldHaveSingleItem().Tasks.ShouldBe([new TaskRange(1, 1, 1)]);
    }

    [Fact]
    public void What_was_sent_on_an_older_connection_and_did_not_arrive_is_replaced()
    {
        var job = Submitted(2);
        job.Grant("l1", slots: 2);
        job.Wait(3);
        var sent = job.Report("mike", 2, "b1", First);

        job.Journal.OfType<AttemptsLost>().Single().Attempts.ShouldBe([new AttemptRef(1, 1)]);
        Assigned(sent).ShouldBe([(1, 2)]);
    }

    [Fact]
    public void An_assignment_that_may_have_crossed_the_report_is_not_lost()
    {
        var job = Submitted(1);
        job.Grant("l1");
        job.Wait(0.5);
        job.Report("mike", 2, "b1");
        job.Journal.OfType<AttemptsLost>().ShouldBeEmpty();
    }

    [Fact]
    public void What_a_node_had_and_has_not_any_more_is_replaced()
    {
        var job = Submitted(2);
        job.Grant("l1", slots: 2);
        job.Report("mike", 1, "b1", First, new AttemptRef(1, 1));
        job.Wait(6);
        job.Report("mike", 1, "b1", First).Of<Assign>().ShouldBeEmpty(); // one report may be old
        job.Wait(4);
        Assigned(job.Report("mike", 1, "b1", First)).ShouldBe([(1, 2)]);
    }

    [Fact]
    public void A_report_of_another_boot_ends_what_ran_before_and_a_stale_one_does_not()
    {
        var job = Submitted(1);
        job.Tell(new LeaseGranted(Lease("l1", connection: 5)));
        job.Report("mike", 4, "b0");
        job.Machine.IsAssigned(First, "mike").ShouldBeTrue();

        job.Report("mike", 6, "b2").One<ReleaseLease>().LeaseId.ShouldBe("l1");
        job.Journal.OfType<AttemptsLost>().Single().Gone.ShouldBeTrue();
    }
}
