using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>A task that failed is tried again after a pause, and first where it has not failed.</summary>
public sealed class CoolingTests
{
    [Fact]
    public void A_task_that_failed_is_asked_for_again_when_it_has_cooled_and_not_where_it_failed()
    {
        var job = Submitted(1, retries: 2);
        job.Grant("l1");
        var sent = job.Finish(0, exit: 1);
        sent.One<ReleaseLease>().Refused.ShouldBeFalse();
        job.Machine.View().Queued.ShouldBe(1);
        job.Wait(JobLimits.CoolSecondsMin - 0.1).Of<Demand>().ShouldAllBe(d => d.SlotsWanted == 0);

        var demand = job.Wait(0.1).Of<Demand>()[^1];
        (demand.SlotsWanted, string.Join(' ', demand.Avoid)).ShouldBe((1, "mike"));
        Assigned(job.Grant("l2")).ShouldBeEmpty();

        demand = job.Wait(JobLimits.ElsewhereSeconds).Of<Demand>()[^1];
        (demand.SlotsWanted, demand.Avoid.Count).ShouldBe((1, 0));
        Assigned(job.Grant("l3")).ShouldBe([(0, 2)]); // there is nobody else
    }

    [Fact]
    public void A_job_of_which_all_has_failed_knows_what_it_tries_again_and_why()
    {
        var job = Submitted(3, retries: 2);
        job.Machine.RetryToCome.ShouldBeNull();
        job.Grant("l1", slots: 2);
        job.Finish(1, exit: 3);
        job.Finish(0, exit: 4);
        job.Machine.RetryToCome.ShouldBeNull(); // the third has taken a slot
        job.Finish(2, exit: 5);

        var (retry, demand) = job.Machine.RetryToCome.ShouldNotBeNull();
        (retry.Tasks, retry.Failure, retry.At > job.Now).ShouldBe((3, "task 0 exited with 4 on mike", true));
        (demand.SlotsWanted, string.Join(' ', demand.Avoid)).ShouldBe((3, "mike"));
        job.Wait(JobLimits.CoolSecondsMin);
        job.Machine.RetryToCome.ShouldNotBeNull().ToCome.At.ShouldBeNull();
    }

    [Fact]
    public void Each_failure_cools_for_twice_as_long()
    {
        var job = Submitted(1, retries: 9);
        double[] expected = [1, 2, 4, 8, 16, 32, 60, 60];
        for (var failure = 0; failure < expected.Length; failure++)
        {
            Assigned(job.Grant($"l{failure}", $"node{failure}")).ShouldBe([(0, failure + 1)]);
            job.Finish(0, failure + 1, $"node{failure}", exit: 1);
            job.Wait(expected[failure] - 0.1).Of<Demand>().ShouldAllBe(d => d.SlotsWanted == 0);
            job.Wait(0.2).Of<Demand>().ShouldContain(d => d.SlotsWanted == 1);
        }
    }

    [Fact]
    public void Others_go_on_meanwhile_and_what_has_cooled_comes_first_on_another_node()
    {
        var job = Submitted(5, retries: 1);
        job.Grant("l1");
        job.Grant("l2", "sara");
        Assigned(job.Finish(0, exit: 1)).ShouldBe([(2, 1)]);
        job.Wait(JobLimits.CoolSecondsMin);

        Assigned(job.Finish(2)).ShouldBe([(3, 1)]); // on mike, where it failed
        Assigned(job.Finish(1, node: "sara")).ShouldBe([(0, 2)]);
    }

    [Fact]
    public void After_a_restart_it_cools_as_long_as_before_and_knows_where_it_failed()
    {
        var job = Submitted(2, retries: 1);
        job.Grant("l1", slots: 2);
        job.Finish(0, exit: 1);
        job.Restart();
        job.Wait(0.1);
        Assigned(job.Grant("l2", "sara")).ShouldBeEmpty();
        job.Wait(JobLimits.CoolSecondsMin);
        Assigned(job.Grant("l3")).ShouldBeEmpty();
        Assigned(job.Grant("l4", "sara")).ShouldBe([(0, 2)]);
        job.Restart();
    }

    [Fact]
    public void A_job_that_is_retried_does_not_wait_for_what_cooled()
    {
        var job = Submitted(2, retries: 1);
        job.Grant("l1", slots: 2);
        job.Finish(0, exit: 1);
        job.Tell(new CancelJob("raj", Client));
        job.Tell(new RetryJob("raj", Client)).One<JobRetryReply>().Tasks.ShouldBe(2);
        Assigned(job.Grant("l2", slots: 2)).ShouldBe([(0, 2), (1, 2)]);
        job.Restart();
    }

    [Fact]
    public void Where_most_fails_that_succeeds_elsewhere_is_to_blame()
    {
        var job = Submitted(3, retries: 1);
        job.Grant("l1", slots: 2);
        job.Finish(0, exit: 1);
        job.Wait(JobLimits.CoolSecondsMin);
        job.Grant("l2", "sara");

        job.Finish(0, 2, "sara").One<NodeBlamed>().ShouldBe(new NodeBlamed("mike", "j1", 0));
    }

    [Fact]
    public void Where_others_succeed_is_not_to_blame()
    {
        var job = Submitted(3, retries: 1);
        job.Grant("l1", slots: 2);
        job.Finish(0, exit: 1);
        job.Finish(1);
        job.Wait(JobLimits.CoolSecondsMin);
        job.Grant("l2", "sara");

        job.Finish(0, 2, "sara").Of<NodeBlamed>().ShouldBeEmpty();
    }

    [Fact]
    public void Why_says_how_it_failed_and_when_it_is_tried_again()
    {
        var job = Submitted(2, retries: 2);
        job.Grant("l1");
        job.Finish(0, exit: 7);

        var why = job.Machine.Why(0)!;
        (why.Task.State, why.Failures, why.RetryAt).ShouldBe(("queued", 1, job.Now.AddSeconds(JobLimits.CoolSecondsMin)));
        why.Tries.ShouldBe([new FailedTry("mike", "exited with 7")]);
        JobSupervisor.Restore(job.Machine.Self, job.Machine.Snapshot()).Why(0)!.Tries.ShouldBe(why.Tries);

        var began = job.Now;
        var other = job.Machine.Why(1)!;
        (other.Task.State, other.Task.Node, other.Since, other.Failures).ShouldBe(("running", "mike", began, 0));
        job.Finish(1);
        job.Machine.Why(1).ShouldBeNull(); // its result says it
        job.Machine.Why(2).ShouldBeNull();
        job.Machine.Why(-1).ShouldBeNull();
        job.Wait(JobLimits.CoolSecondsMin);
        job.Machine.Why(0)!.RetryAt.ShouldBeNull();
    }

    /// <summary>Journals of earlier versions have them so.</summary>
    [Fact]
    public void Tasks_that_failed_may_be_assigned_again_in_one_range_with_others()
    {
        var job = Submitted(4, retries: 1);
        job.Grant("l1", slots: 4);
        job.Finish(1, exit: 1);
        job.Finish(2, exit: 1);
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeGone));
        job.Journal.Add(new TasksAssigned(Lease("l2", "sara", slots: 4), [new TaskRange(0, 4, 2)], job.Now));

        job.Restart();

        job.Machine.View().Running.ShouldBe(4);
    }
}
