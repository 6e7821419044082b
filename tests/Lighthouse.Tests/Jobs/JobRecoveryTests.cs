using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>From all events of its journal.</summary>
public sealed class JobReplayTests() : JobRecoveryTests(fromSnapshot: false);

/// <summary>From the state in which it was stopped.</summary>
public sealed class JobSnapshotTests() : JobRecoveryTests(fromSnapshot: true);

/// <summary>A supervisor that stands up again from its journal.</summary>
public abstract class JobRecoveryTests(bool fromSnapshot)
{
    private static readonly AttemptRef First = new(0, 1);

    [Fact]
    public void It_wants_a_tick_at_once_and_tells_the_fleet_what_it_holds()
    {
        var job = Submitted(3);
        job.Grant("l1");
        job.Grant("l2", "sara");
        job.Finish(1, node: "sara");
        Restart(job);

        job.Deadline.ShouldBe(DateTimeOffset.MinValue);
        var demand = job.Wait(0).One<Demand>();
        demand.Held.Select(l => l.Id).ShouldBe(["l1", "l2"]);
        demand.SlotsWanted.ShouldBe(2);
    }

    [Fact]
    public void A_lease_on_which_nothing_runs_any_more_is_not_held()
    {
        var job = Submitted(2);
        job.Grant("l1");
        job.Grant("l2", "sara");
        job.Finish(0);
        Restart(job);

        job.Wait(0).One<Demand>().Held.ShouldHaveSingleItem().Id.ShouldBe("l2");
        job.Grant("l1").One<ReleaseLease>().LeaseId.ShouldBe("l1"); // a Fleet that still believes in it
    }

    [Fact]
    public void What_ran_waits_for_its_node_and_goes_on()
    {
        var job = Submitted(1);
        job.Grant("l1");
        Restart(job);
        job.Wait(LinkTimes.RecoverySeconds - 1);
        job.Report("mike", 2, "b1", First).One<ClaimAttempts>();
        job.Wait(5);
        job.Report("mike", 2, "b1", First);
        job.Wait(5);

        job.Journal.OfType<AttemptsLost>().ShouldBeEmpty();
        job.Finish(0);
        job.Machine.View().State.ShouldBe("succeeded");
    }

    [Fact]
    public void What_ran_on_a_node_that_does_not_come_back_is_replaced_and_may_still_win()
    {
        var job = Submitted(1);
        job.Grant("l1");
        Restart(job);
        var sent = job.Wait(LinkTimes.RecoverySeconds + 1);

        job.Journal.OfType<AttemptsLost>().ShouldHaveSingleItem();
        sent.One<ReleaseLease>().LeaseId.ShouldBe("l1");
        sent.Of<Assign>().ShouldBeEmpty();
        Assigned(job.Grant("l2", "sara")).ShouldBe([(0, 2)]);
        job.Finish(0);
        job.Machine.View().State.ShouldBe("succeeded");
    }

    [Fact]
    public void An_assignment_that_was_journaled_and_never_sent_is_replaced_when_its_node_comes()
    {
        var job = Submitted(2);
        job.Grant("l1", slots: 2);
        Restart(job);
        job.Wait(2);

        Assigned(job.Report("mike", 2, "b1", First)).ShouldBe([(1, 2)]);
    }

    [Fact]
    public void The_first_message_may_be_any()
    {
        var job = Submitted(3);
        job.Grant("l1", slots: 2);
        Restart(job);
        var sent = job.Finish(0);

        Assigned(sent).ShouldBe([(2, 1)]);
        sent.Of<Demand>().ShouldNotBeEmpty();
    }

    [Fact]
    public void Waiting_tasks_do_not_go_onto_a_lease_whose_node_has_not_come_back()
    {
        var job = Submitted(4);
        job.Grant("l1", slots: 2);
        job.Grant("l2", "sara");
        Restart(job);
        job.Wait(1);
        var sent = job.Tell(new LeaseEnded("l2", "sara", LeaseEndReason.NodeGone));

        sent.Of<Assign>().ShouldBeEmpty();
        job.Grant("l3", "zoe", 2).One<Assign>().Lease.NodeId.ShouldBe("zoe");
    }

    [Fact]
    public void A_new_fleets_epoch_is_taken_over_for_a_lease_that_it_adopted()
    {
        var job = Submitted(3);
        job.Grant("l1");
        job.Tell(new LeaseGranted(Lease("l1", epoch: 2, connection: 7))).ShouldBeEmpty();

        job.Finish(0).One<Assign>().Lease.Epoch.ShouldBe(2);
    }

    [Fact]
    public void Replaying_at_any_point_gives_the_same_view()
    {
        var job = Submitted(6, retries: 1);
        job.Grant("l1", slots: 2);
        job.Finish(0, exit: 3);
        job.Grant("l2", "sara", 2);
        job.Tell(new LeaseEnded("l2", "sara", LeaseEndReason.NodeGone));
        job.Finish(1);
        var view = job.Machine.View();
        Restart(job);

        var again = job.Machine.View();
        (again with { Nodes = [] }).ShouldBe(view with { Nodes = [] });
        for (var task = 0; task < 6; task++)
        {
            job.Machine.Unfinished(task)?.State.ShouldBe(again.State == "running" ? job.Machine.Unfinished(task)!.State : null);
        }
    }

    [Fact]
    public void An_ended_job_wants_nothing_after_its_replay()
    {
        var job = Submitted(1);
        job.Grant("l1");
        job.Finish(0);
        Restart(job);

        job.Deadline.ShouldBeNull();
        job.Machine.HasEnded.ShouldBeTrue();
        job.Machine.Demand.ShouldBeNull();
    }

    private void Restart(JobUnderTest job)
    {
        if (fromSnapshot)
        {
            job.RestartFromSnapshot();
        }
        else
        {
            job.Restart();
        }
    }
}
