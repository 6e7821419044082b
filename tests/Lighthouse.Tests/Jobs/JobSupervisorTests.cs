using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>The way of a job that meets no faults.</summary>
public sealed class JobSupervisorTests
{
    [Fact]
    public void A_task_that_fails_for_good_ends_its_job_and_what_still_runs_is_stopped()
    {
        var job = new JobUnderTest();
        job.Tell(new SubmitJob(Spec(100, retries: 1) with { KeepGoing = false }, Client));
        job.Grant("l1", slots: 2);
        job.Grant("l2", "sara", slots: 2);
        job.Finish(1, exit: 3);
        job.Machine.HasEnded.ShouldBeFalse();
        job.Wait(JobLimits.CoolSecondsMin);
        Assigned(job.Grant("l3", "zoe"))[0].ShouldBe((1, 2));

        var sent = job.Finish(1, 2, "zoe", exit: 3);

        job.Machine.View().Reason.ShouldBe("1 of 100 tasks failed; task 1 exited with 3");
        (job.Machine.View().State, job.Machine.View().ExitCode, job.Machine.View().Running).ShouldBe(("failed", 1, 0));
        sent.Of<StopAttempts>().SelectMany(stop => stop.Attempts).Select(a => a.Task).ShouldBe([0, 1, 2, 3, 4], ignoreOrder: true);
        sent.Of<DemandEnded>().ShouldHaveSingleItem();
        job.Machine.Unfinished(50)!.State.ShouldBe("cancelled");
    }

    [Fact]
    public void No_more_tasks_run_at_once_than_it_says()
    {
        var job = new JobUnderTest();
        job.Tell(new SubmitJob(Spec(100) with { Max = 3 }, Client)).One<Demand>().SlotsWanted.ShouldBe(3);
        Assigned(job.Grant("l1", slots: 2)).Count.ShouldBe(2);
        job.Machine.Demand!.SlotsWanted.ShouldBe(3);
        Assigned(job.Grant("l2", "sara", slots: 2)).Count.ShouldBe(1);
        Assigned(job.Finish(2, node: "sara")).Count.ShouldBe(1);
    }

    [Fact]
    public void A_submit_is_journaled_accepted_and_asks_the_fleet()
    {
        var job = new JobUnderTest();
        var sent = job.Submit(3);

        job.Journal.ShouldHaveSingleItem().ShouldBeOfType<JobSubmitted>();
        sent.ShouldContain(new Envelope(Client, new JobAccepted("j1")));
        var demand = sent.One<Demand>();
        (demand.SlotsWanted, demand.Order, demand.Owner).ShouldBe((3, job.Now.UtcTicks, "raj"));
        demand.Needs.ShouldBe(["python3"]);
        job.Machine.View().State.ShouldBe("queued");
    }

    [Fact]
    public void A_repeated_submit_is_answered_again_and_changes_nothing()
    {
        var job = Submitted(1);
        job.Submit(1).ShouldBe([new Envelope(Client, new JobAccepted("j1"))]);
        job.Journal.Count.ShouldBe(1);
    }

    [Fact]
    public void A_lease_is_filled_to_its_slots_and_the_assignment_is_journaled()
    {
        var job = Submitted(5);
        var sent = job.Grant("l1", slots: 2);

        Assigned(sent).ShouldBe([(0, 1), (1, 1)]);
        sent.One<Assign>().TaskCount.ShouldBe(5);
        sent.ShouldAllBe(e => e.To == Address.Node("mike"));
        job.Journal[^1].ShouldBeOfType<TasksAssigned>().Tasks.ShouldBe([new TaskRange(0, 2, 1)]);
        var view = job.Machine.View();
        (view.State, view.Running, view.Queued).ShouldBe(("running", 2, 3));
        view.Nodes.ShouldBe(["mike"]);
    }

    [Fact]
    public void The_nodes_of_a_job_are_those_that_run_something_now()
    {
        var job = Submitted(4);
        job.Grant("l1", "mike");
        job.Grant("l2", "sara");
        job.Grant("l3", "mike");
        job.Machine.View().Nodes.ShouldBe(["mike", "sara"]);

        job.Tell(new LeaseGranted(Lease("l1", "mike") with { NodeName = "renamed" })); // what runs began under the other name
        job.Tell(new LeaseEnded("l2", "sara", LeaseEndReason.NodeGone));
        job.Machine.View().Nodes.ShouldBe(["mike"]);

        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeGone));
        job.Machine.View().Nodes.ShouldBe(["mike"]);
        job.Tell(new LeaseEnded("l3", "mike", LeaseEndReason.NodeGone));
        job.Machine.View().Nodes.ShouldBeEmpty();
    }

    [Fact]
    public void Each_result_is_acknowledged_and_makes_room_for_the_next_task()
    {
        var job = Submitted(3);
        job.Grant("l1", slots: 2);
        var sent = job.Finish(1);

        sent.ShouldContain(e => e.To == Address.Node("mike") && e.Message is ResultAck);
        Assigned(sent).ShouldBe([(2, 1)]);
        job.Machine.Unfinished(1).ShouldBeNull();
        job.Machine.Unfinished(2)!.State.ShouldBe("running");
    }

    [Fact]
    public void When_nothing_waits_leases_go_back_as_they_run_empty_and_at_the_end_the_demand_ends()
    {
        var job = Submitted(2);
        job.Grant("l1");
        job.Grant("l2", "sara");

        job.Finish(0).One<ReleaseLease>().LeaseId.ShouldBe("l1");
        var last = job.Finish(1, node: "sara");

        last.One<DemandEnded>().JobId.ShouldBe("j1");
        var view = job.Machine.View();
        (view.State, view.ExitCode, view.Succeeded).ShouldBe(("succeeded", 0, 2));
        view.Nodes.ShouldBe(["mike", "sara"]);
        job.Deadline.ShouldBeNull();
    }

    [Fact]
    public void A_job_of_one_task_ends_with_the_tasks_own_code_and_reason()
    {
        var job = Submitted(1);
        job.Grant("l1");
        job.Finish(0, exit: 7);

        var end = job.Journal[^1].ShouldBeOfType<JobCompleted>();
        (end.State, end.ExitCode, end.Reason).ShouldBe((JobState.Failed, 7, "exited with 7"));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    public void A_job_of_several_tasks_runs_them_all_and_names_the_first_failed_whatever_the_order(int first, int second)
    {
        var job = Submitted(4);
        job.Grant("l1", slots: 4);
        job.Finish(first, exit: 10 + first);
        job.Finish(second, exit: 10 + second);
        job.Finish(0);
        job.Finish(2);

        var end = job.Journal[^1].ShouldBeOfType<JobCompleted>();
        (end.State, end.ExitCode, end.Reason).ShouldBe((JobState.Failed, 1, "2 of 4 tasks failed; task 1 exited with 11"));
    }

    [Fact]
    public void A_cancel_stops_what_runs_ends_the_demand_and_answers()
    {
        var job = Submitted(3);
        job.Grant("l1", slots: 2);
        var sent = job.Tell(new CancelJob("raj", Client));

        sent.ShouldContain(new Envelope(Client, new JobCancelReply(true, false)));
        sent.One<StopAttempts>().Attempts.ShouldBe([new AttemptRef(0, 1), new AttemptRef(1, 1)]);
        sent.Of<DemandEnded>().Count.ShouldBe(1);
        var view = job.Machine.View();
        (view.State, view.ExitCode, view.Queued, view.Running).ShouldBe(("cancelled", 130, 0, 0));
        job.Machine.Unfinished(2)!.State.ShouldBe("cancelled");
        job.Tell(new CancelJob("raj", Client)).ShouldBe([new Envelope(Client, new JobCancelReply(true, true))]);
    }

    [Fact]
    public void A_cancel_of_an_unknown_job_says_so()
    {
        var job = new JobUnderTest();
        job.Tell(new CancelJob("raj", Client)).ShouldBe([new Envelope(Client, new JobCancelReply(false, false))]);
        job.Journal.ShouldBeEmpty();
    }

    [Fact]
    public void Once_a_lease_has_shown_short_tasks_work_is_queued_ahead_and_refilled_in_handfuls()
    {
        var job = Submitted(1000);
        job.Grant("l1", slots: 2);
        for (var task = 0; task < 3; task++)
        {
            job.Finish(task, wallMs: 5);
        }

        var assigns = 0;
        for (var task = 3; task < 103; task++)
        {
            assigns += job.Finish(task, wallMs: 5).Of<Assign>().Count;
        }

        assigns.ShouldBeInRange(5, 20); // 10 ahead on each of 2 slots, refilled at half of it
        job.Machine.View().Running.ShouldBeInRange(10, 22);
    }

    [Fact]
    public void Long_tasks_are_never_queued_ahead()
    {
        var job = Submitted(1000);
        job.Grant("l1", slots: 2);
        for (var task = 0; task < 20; task++)
        {
            Assigned(job.Finish(task, wallMs: 60)).Count.ShouldBe(1);
        }

        job.Machine.View().Running.ShouldBe(2);
    }

    [Fact]
    public void A_node_can_not_make_the_queue_ahead_longer_than_its_limit()
    {
        var job = Submitted(1000);
        job.Grant("l1", slots: 2);
        for (var task = 0; task < 10; task++)
        {
            job.Finish(task, wallMs: -5);
        }

        job.Machine.View().Running.ShouldBeLessThanOrEqualTo(2 + 2 * JobLimits.AheadPerSlotMax);
    }

    [Fact]
    public void Demand_counts_what_could_run_at_once_and_is_bounded()
    {
        var job = new JobUnderTest();
        job.Submit(1_000_000).One<Demand>().SlotsWanted.ShouldBe(JobLimits.SlotsWantedMax);
    }

    [Fact]
    public void Demand_is_sent_again_for_as_long_as_the_job_lives()
    {
        var job = Submitted(2);
        job.Grant("l1");
        var demands = job.Wait(60).Of<Demand>();

        demands.Count.ShouldBe(60 / Demand.RenewSeconds);
        demands[^1].Held.ShouldHaveSingleItem().Id.ShouldBe("l1");
        demands[^1].SlotsWanted.ShouldBe(2);
    }

    [Fact]
    public void A_fleet_that_believes_in_more_than_waits_is_told_at_once()
    {
        var job = Submitted(4);
        job.Grant("l1", slots: 2).Of<Demand>().ShouldBeEmpty();
        job.Finish(0);
        job.Finish(1).Of<Demand>().ShouldHaveSingleItem().SlotsWanted.ShouldBe(2);
    }
}
