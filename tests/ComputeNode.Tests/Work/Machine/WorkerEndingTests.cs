using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.ComputeNode.Tests.Work.Machine.WorkerUnderTest;

namespace AkkaCompute.ComputeNode.Tests.Work.Machine;

/// <summary>Ends, results, timeouts, stops and claims.</summary>
public sealed class WorkerEndingTests
{
    [Fact]
    public void A_result_is_told_when_all_of_it_is_stored_and_not_before()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"));
        worker.Starts(Try(0)).ShouldBeEmpty();
        worker.Stores(Try(0)).ShouldBeEmpty(); // it has not ended
        worker.Ends(Try(0)).ShouldBeEmpty();
        var inline = new InlineOutput([new InlineSegment(1, [65])]);
        var sent = worker.Stores(Try(0), inline);

        sent.ShouldHaveSingleItem().To.ShouldBe(Address.Job("j1"));
        sent.One<TaskFinished>().ShouldBe(
            new TaskFinished("j1", Try(0), Node, Boot, Outcome(EndCause.Exited), new Produced(3, 12, null)) { Inline = inline });
        worker.Stores(Try(0)).ShouldBeEmpty();
        worker.Ends(Try(0)).ShouldBeEmpty();
        worker.Held.ShouldHaveSingleItem().InUse.ShouldBe(Resources.None); // a result uses nothing of the lease, and keeps it
        worker.Acks(Try(0));
        worker.Held.ShouldBeEmpty();
    }

    [Fact]
    public void What_could_not_be_stored_changes_how_it_ended_for_good()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"));
        worker.Ends(Try(0));
        var instead = Outcome(EndCause.NotStored);
        worker.Tell(new AttemptStored("j1", Try(0), Produced.Nothing, null, instead)).One<TaskFinished>().Outcome.ShouldBe(instead);
        worker.Wait(5).One<TaskFinished>().Outcome.ShouldBe(instead);
        worker.Tell(new LinkUp(2)).One<TaskFinished>().Outcome.ShouldBe(instead);
    }

    [Fact]
    public void A_result_is_sent_every_five_seconds_until_it_is_acknowledged()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"));
        worker.Finishes(Try(0)).Of<TaskFinished>().Count.ShouldBe(1);
        worker.Wait(4.9).Of<TaskFinished>().ShouldBeEmpty();
        worker.Wait(15.1).Of<TaskFinished>().Count.ShouldBe(4);

        worker.Acks(Try(0), Try(0)).One<ForgetAttempt>().Attempt.ShouldBe(Try(0));
        worker.Wait(3600).ShouldBeEmpty();
        worker.Deadline.ShouldBeNull();
    }

    [Fact]
    public void An_acknowledgement_of_what_has_no_result_forgets_nothing()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"), count: 2);
        worker.Acks(Try(0), Try(1), Try(7)).ShouldBeEmpty();
        worker.Wait(5).One<WorkerReport>().Attempts.ShouldBe([Try(0), Try(1)]);
    }

    [Fact]
    public void While_the_link_is_down_nothing_is_sent_and_at_the_next_connection_all_of_it()
    {
        var worker = Lending(2);
        worker.Assign(Lease("l1", slots: 2), count: 2);
        worker.Tell(new LinkDown());
        worker.Finishes(Try(0)).ShouldBeEmpty();
        worker.Wait(60).ShouldBeEmpty();
        var sent = worker.Tell(new LinkUp(2));

        sent.One<WorkerReport>().ShouldSatisfyAllConditions(r => r.Connection.ShouldBe(2), r => r.Attempts.ShouldBe([Try(0), Try(1)]));
        sent.One<TaskFinished>().Attempt.ShouldBe(Try(0));
        worker.Wait(5).Of<TaskFinished>().Count.ShouldBe(1);
    }

    [Fact]
    public void Every_five_seconds_each_job_hears_of_its_attempts()
    {
        var worker = Lending(4);
        worker.Assign(Lease("l1", slots: 2), count: 2);
        worker.Assign(Lease("l2", job: "j2"), first: 5);
        var sent = worker.Wait(5);

        sent.Of<WorkerReport>().Select(r => (r.JobId, r.Attempts.Count)).ShouldBe([("j1", 2), ("j2", 1)]);
        sent.Select(e => e.To).ShouldBe([Address.Job("j1"), Address.Job("j2")]);
        worker.Wait(10).Of<WorkerReport>().Count.ShouldBe(4);
    }

    [Fact]
    public void Its_timeout_counts_from_the_start_of_its_process_and_its_kill_is_said_until_it_ends()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"), timeout: 30);
        worker.Wait(100).Of<KillAttempt>().ShouldBeEmpty(); // inputs are being fetched
        worker.Starts(Try(0));
        worker.Wait(29.9).Of<KillAttempt>().ShouldBeEmpty();
        worker.Wait(0.1).One<KillAttempt>().ShouldBe(new KillAttempt("j1", Try(0), EndCause.Timeout));
        worker.Wait(10).Of<KillAttempt>().Count.ShouldBe(2);
        worker.Starts(Try(0)).ShouldBeEmpty(); // late: it does not get its time anew
        worker.Wait(5).Of<KillAttempt>().Count.ShouldBe(1);
        worker.Ends(Try(0), EndCause.Timeout);

        worker.Wait(60).Of<KillAttempt>().ShouldBeEmpty();
        worker.Stores(Try(0)).One<TaskFinished>().Outcome.Cause.ShouldBe(EndCause.Timeout);
    }

    [Fact]
    public void The_timeout_of_a_template_that_came_by_digest_is_the_executors_word()
    {
        var worker = Lending(1);
        worker.Tell(new Assign(Lease("l1"), null, new string('a', 64), 1, [new TaskRange(0, 1, 1)]));
        worker.Tell(new AttemptStarted("j1", Try(0), 7));
        worker.Wait(6.9).Of<KillAttempt>().ShouldBeEmpty();
        worker.Wait(0.1).One<KillAttempt>().Cause.ShouldBe(EndCause.Timeout);
    }

    [Fact]
    public void A_timeout_longer_than_a_date_can_hold_is_none()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"), timeout: double.MaxValue);
        worker.Starts(Try(0));
        worker.Wait(3500).Of<KillAttempt>().ShouldBeEmpty();
    }

    [Fact]
    public void A_stopped_attempt_keeps_its_slot_until_its_process_is_gone()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"), count: 3);
        var sent = worker.Stops(Try(0));
        sent.One<ForgetAttempt>().Attempt.ShouldBe(Try(0));
        sent.Started().ShouldBeEmpty();
        var waiting = worker.Wait(10);
        waiting.Of<ForgetAttempt>().Count.ShouldBe(2);
        waiting.Of<WorkerReport>().ShouldAllBe(r => !r.Attempts.Contains(Try(0)));

        worker.Ends(Try(0), EndCause.Cancelled).ShouldSatisfyAllConditions(
            s => s.Started().ShouldBe([1]), s => s.One<ForgetAttempt>().Attempt.ShouldBe(Try(0)));
        worker.Stores(Try(0)).ShouldBeEmpty();
        worker.Wait(10).Of<ForgetAttempt>().ShouldBeEmpty();
        worker.Ends(Try(1)).Started().ShouldBe([2]);
    }

    [Fact]
    public void What_waits_or_has_ended_is_forgotten_at_once_when_it_is_stopped()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"), count: 4);
        worker.Ends(Try(0));
        worker.Finishes(Try(1));
        var sent = worker.Stops(Try(0), Try(1), Try(3), Try(3));

        sent.Of<ForgetAttempt>().Select(f => f.Attempt).ShouldBe([Try(0), Try(1)]); // the executor never heard of the third
        worker.Wait(5).One<WorkerReport>().Attempts.ShouldBe([Try(2)]);
        worker.Ends(Try(2)).Started().ShouldBeEmpty();
    }

    [Fact]
    public void An_attempt_that_nobody_claims_for_an_hour_stops_itself()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"), count: 3);
        worker.Tell(new LinkDown());
        worker.Wait(3500);
        worker.Tell(new ClaimAttempts("j1", [Try(1), Try(9)]));
        worker.Wait(99).ShouldBeEmpty();
        var sent = worker.Wait(5);

        sent.One<ForgetAttempt>().Attempt.ShouldBe(Try(0)); // it runs; the second is claimed, the third waits and is dropped
        worker.Ends(Try(0), EndCause.Cancelled).Started().ShouldBe([1]);
        worker.Tell(new LinkUp(2)).One<WorkerReport>().Attempts.ShouldBe([Try(1)]);
        worker.Wait(3495).Of<ForgetAttempt>().ShouldBeEmpty();
        worker.Wait(5).One<ForgetAttempt>().Attempt.ShouldBe(Try(1)); // an hour after its claim
    }

    [Fact]
    public void A_result_that_nobody_claims_for_an_hour_is_dropped()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"));
        worker.Finishes(Try(0));
        worker.Tell(new LinkDown());
        worker.Wait(3599).ShouldBeEmpty();
        worker.Wait(6).One<ForgetAttempt>().Attempt.ShouldBe(Try(0));
        worker.Tell(new LinkUp(2)).ShouldBeEmpty();
        worker.Deadline.ShouldBeNull();
    }
}
