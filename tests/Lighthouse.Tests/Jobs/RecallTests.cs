using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>How a job gives back what others are to have: slot by slot, as its tasks end.</summary>
public sealed class RecallTests
{
    [Fact]
    public void A_slot_goes_back_when_its_task_ends_and_the_others_go_on()
    {
        var job = Submitted(10);
        job.Grant("l1", slots: 3);
        job.Tell(new RecallSlots("l1", 2)).Of<ReduceLease>().ShouldBeEmpty();

        var sent = job.Finish(0);
        sent.One<ReduceLease>().ShouldBe(new ReduceLease("j1", "l1", 2));
        Assigned(sent).ShouldBeEmpty();
        sent = job.Finish(1);
        sent.Of<ReduceLease>().ShouldBeEmpty();
        Assigned(sent).ShouldBe([(3, 1)]);
        sent.One<Assign>().Lease.Slots.ShouldBe(2);
    }

    [Fact]
    public void A_lease_of_which_all_is_recalled_goes_when_its_last_task_ends_and_the_job_asks_again()
    {
        var job = Submitted(10);
        job.Grant("l1", slots: 2);
        job.Tell(new RecallSlots("l1", 0));

        job.Finish(0).One<ReduceLease>().Slots.ShouldBe(1);
        var sent = job.Finish(1);
        sent.One<ReduceLease>().Slots.ShouldBe(0);
        sent.Of<ReleaseLease>().ShouldBeEmpty(); // it would say that the job wants less
        sent.Of<Demand>()[^1].Held.ShouldBeEmpty();
        sent.Of<Demand>()[^1].SlotsWanted.ShouldBe(8);
    }

    [Fact]
    public void Slots_that_are_idle_go_back_at_once()
    {
        var job = Submitted(1);
        job.Grant("l1", slots: 4);
        job.Tell(new RecallSlots("l1", 2)).One<ReduceLease>().Slots.ShouldBe(2);
    }

    [Fact]
    public void What_is_queued_ahead_runs_before_a_slot_goes_back()
    {
        var job = Submitted(100);
        job.Grant("l1", slots: 1);
        for (var task = 0; task < JobLimits.AheadShownMin; task++)
        {
            job.Finish(task, wallMs: 10);
        }

        var ahead = Assigned(job.Finish(JobLimits.AheadShownMin, wallMs: 10)).Count;
        ahead.ShouldBeGreaterThan(1);
        job.Tell(new RecallSlots("l1", 0));
        for (var task = JobLimits.AheadShownMin + 1; task < JobLimits.AheadShownMin + 1 + ahead; task++)
        {
            var sent = job.Finish(task, wallMs: 10);
            Assigned(sent).ShouldBeEmpty();
            sent.Of<ReduceLease>().Count.ShouldBe(task == JobLimits.AheadShownMin + ahead ? 1 : 0, $"after task {task} of {ahead} ahead");
        }
    }

    [Fact]
    public void A_failed_task_is_tried_again_elsewhere_when_its_slot_goes_back()
    {
        var job = Submitted(1, retries: 1);
        job.Grant("l1");
        job.Tell(new RecallSlots("l1", 0));

        var sent = job.Finish(0, exit: 1);
        sent.One<ReduceLease>().Slots.ShouldBe(0);
        Assigned(sent).ShouldBeEmpty();
        job.Wait(JobLimits.CoolSecondsMin);
        Assigned(job.Grant("l2", "sara")).ShouldBe([(0, 2)]);
    }

    [Fact]
    public void A_new_Fleet_knows_of_no_recall()
    {
        var job = Submitted(10);
        job.Grant("l1", slots: 2);
        job.Tell(new RecallSlots("l1", 0));
        job.Tell(new LeaseGranted(Lease("l1", slots: 2, epoch: 2)));

        Assigned(job.Finish(0)).ShouldBe([(2, 1)]);
    }

    [Fact]
    public void A_recall_of_what_is_not_held_or_that_comes_twice_does_nothing()
    {
        var job = Submitted(10);
        job.Grant("l1", slots: 2);
        job.Tell(new RecallSlots("other", 0)).ShouldBeEmpty();
        job.Tell(new RecallSlots("l1", 1));
        job.Tell(new RecallSlots("l1", 1)).ShouldBeEmpty();
        job.Finish(0).One<ReduceLease>();
        job.Tell(new RecallSlots("l1", 1)).ShouldBeEmpty();
    }
}
