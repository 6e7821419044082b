using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>At the tail what is slow runs elsewhere, too, and the first result wins.</summary>
public sealed class StragglerTests
{
    private static readonly AttemptRef First = new(4, 1);
    private static readonly AttemptRef Second = new(4, 2);

    [Fact]
    public void A_slot_that_falls_idle_takes_on_what_is_late_elsewhere()
    {
        var job = WithOneLate(lateSeconds: 10);

        var sent = job.Finish(5, node: "fast");

        Assigned(sent).ShouldBe([(4, 2)]);
        sent.One<Assign>().Lease.NodeId.ShouldBe("fast");
        sent.One<ReleaseLease>().ShouldBe(new ReleaseLease("j1", "s", IsInUse: true)); // nobody is to wait behind it
        sent.Of<StopAttempts>().ShouldBeEmpty(); // it may still win
    }

    [Fact]
    public void Until_one_has_won_it_is_the_slow_one_whose_output_is_shown()
    {
        var job = WithOneLate(lateSeconds: 10);

        job.Finish(5, node: "fast");
        var shown = job.Machine.Unfinished(4)!;
        (shown.State, shown.Attempt, shown.Node).ShouldBe(("running", 1, "slow"));

        job.Restart();
        job.Machine.Unfinished(4).ShouldBe(shown);
    }

    [Theory]
    [InlineData(1, "slow", "fast")]
    [InlineData(2, "fast", "slow")]
    public void Whichever_ends_first_is_the_result_and_the_other_is_stopped(int attempt, string winner, string loser)
    {
        var job = WithOneLate(lateSeconds: 10);
        job.Finish(5, node: "fast");
        job.Restart();
        job.Report("fast", 2, "b1", Second);

        var sent = job.Finish(4, attempt, winner);

        sent.One<StopAttempts>().Attempts.ShouldBe([attempt == 1 ? Second : First]);
        sent.Where(e => e.Message is StopAttempts).Single().To.Id.ShouldBe(loser);
        job.Machine.View().State.ShouldBe("succeeded");
    }

    [Fact]
    public void A_failure_where_it_was_only_taken_on_for_being_slow_ends_nothing()
    {
        var job = WithOneLate(lateSeconds: 10);
        job.Finish(5, node: "fast");

        job.Finish(4, 2, "fast", exit: 1); // no retries are left, but it may end well where it is slow
        job.Machine.HasEnded.ShouldBeFalse();
        job.Restart();
        job.Finish(4, 1, "slow");

        job.Machine.View().State.ShouldBe("succeeded");
    }

    [Fact]
    public void What_is_limited_at_once_is_not_done_twice_at_once()
    {
        var job = WithOneLate(lateSeconds: 10, max: 10);
        Assigned(job.Finish(5, node: "fast")).ShouldBeEmpty();
    }

    [Fact]
    public void At_the_end_of_the_job_the_slow_one_is_stopped_as_well()
    {
        var job = WithOneLate(lateSeconds: 10);
        job.Finish(5, node: "fast");

        var sent = job.Tell(new CancelJob("raj", Client));

        sent.Of<StopAttempts>().SelectMany(stop => stop.Attempts).ShouldBe([First, Second], ignoreOrder: true);
    }

    [Fact]
    public void What_is_not_late_is_left_alone_and_the_lease_goes_back()
    {
        var job = WithOneLate(lateSeconds: 0);

        var sent = job.Finish(5, node: "fast");

        Assigned(sent).ShouldBeEmpty();
        sent.One<ReleaseLease>().LeaseId.ShouldBe("f");
    }

    [Fact]
    public void Where_no_slot_is_held_one_is_asked_for_on_another_node()
    {
        var job = WithOneLate(lateSeconds: 0);
        job.Finish(5, node: "fast");

        var demand = job.Wait(10).Of<Demand>()[^1];

        demand.SlotsWanted.ShouldBe(2);
        demand.Avoid.ShouldBe(["slow"]);
        Assigned(job.Grant("n", "new")).ShouldBe([(4, 2)]);
    }

    [Fact]
    public void A_slot_on_the_same_node_or_for_nothing_slow_is_given_back()
    {
        var job = WithOneLate(lateSeconds: 10);
        job.Finish(5, node: "fast");
        job.Wait(60);
        job.Grant("again", "slow").One<ReleaseLease>().LeaseId.ShouldBe("again");
        Assigned(job.Grant("more", "new")).ShouldBe([(4, 3)]);
        job.Grant("last", "newer").One<ReleaseLease>().LeaseId.ShouldBe("last");
    }

    [Fact]
    public void A_task_is_not_done_by_ever_more_nodes()
    {
        var job = WithOneLate(lateSeconds: 10);
        job.Finish(5, node: "fast");
        job.Wait(60);
        Assigned(job.Grant("n1", "n1")).ShouldBe([(4, 3)]);
        job.Wait(600);
        job.Grant("n2", "n2").One<ReleaseLease>().LeaseId.ShouldBe("n2");
    }

    [Fact]
    public void A_single_task_is_never_late()
    {
        var job = Submitted(1);
        job.Grant("l1", "slow");
        job.Wait(3600).Of<Demand>().ShouldAllBe(demand => demand.SlotsWanted == 1);
    }

    /// <summary>Tasks of one second: four are done, the fifth is late on the slow node, the sixth runs on the fast one.</summary>
    private static JobUnderTest WithOneLate(double lateSeconds, int? max = null)
    {
        var job = new JobUnderTest();
        job.Tell(new SubmitJob(Spec(6) with { Max = max }, Client));
        job.Grant("f", "fast");
        for (var task = 0; task < 3; task++)
        {
            job.Finish(task, node: "fast");
        }

        Assigned(job.Grant("s", "slow")).ShouldBe([(4, 1)]);
        job.Report("slow", 1, "b1", First);
        job.Finish(3, node: "fast");
        job.Wait(lateSeconds);
        job.Report("slow", 1, "b1", First);
        job.Report("fast", 1, "b1", new AttemptRef(5, 1));
        return job;
    }
}
