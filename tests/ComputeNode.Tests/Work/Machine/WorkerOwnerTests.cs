using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.ComputeNode.Tests.Work.Machine.WorkerUnderTest;

namespace AkkaCompute.ComputeNode.Tests.Work.Machine;

/// <summary>The owner lends less, pauses and leaves.</summary>
public sealed class WorkerOwnerTests
{
    [Fact]
    public void Who_lends_less_gets_back_what_cannot_start_any_more_and_what_runs_goes_on()
    {
        var worker = Lending(4);
        worker.Assign(Lease("l1", perTask: OneCore.Times(3)), count: 2);
        worker.Assign(Lease("l2", job: "j2"), first: 10, count: 2);
        var sent = worker.Tell(new LendChanged(OneCore.Times(2), false));

        sent.ShouldHaveSingleItem().To.ShouldBe(Address.Job("j1"));
        sent.One<AttemptsReturned>().ShouldSatisfyAllConditions(
            r => (r.JobId, r.NodeId, r.BootId).ShouldBe(("j1", Node, Boot)), r => r.Attempts.ShouldBe([Try(1)]));
        worker.Wait(5).Of<WorkerReport>().Select(r => r.Attempts.Count).ShouldBe([1, 2]);
        worker.Assign(Lease("l3", job: "j3", perTask: OneCore.Times(3))).One<AttemptsRefused>().Reason.ShouldContain("lends less");
        worker.Ends(Try(10), job: "j2").Started().ShouldBeEmpty(); // the first still takes more than is lent
        worker.Ends(Try(0)).Started().ShouldBe([11]);
    }

    [Fact]
    public void Who_lends_more_starts_what_waits()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1", slots: 4), count: 4).Started().ShouldBe([0]);
        worker.Tell(new LendChanged(OneCore.Times(3), false)).Started().ShouldBe([1, 2]);
    }

    [Fact]
    public void A_paused_node_hands_back_its_queue_and_takes_nothing_until_it_lends_again()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"), count: 3);
        worker.Tell(new LendChanged(OneCore, true)).One<AttemptsReturned>().Attempts.ShouldBe([Try(1), Try(2)]);
        worker.Assign(Lease("l2"), first: 5).One<AttemptsRefused>().Reason.ShouldContain("lends nothing");
        worker.Finishes(Try(0)).One<TaskFinished>().Attempt.ShouldBe(Try(0));

        worker.Tell(new LendChanged(OneCore, false)).ShouldBeEmpty();
        worker.Assign(Lease("l2"), first: 6).Started().ShouldBe([6]);
        worker.Assign(Lease("l2"), first: 1).One<AttemptsRefused>().Attempts.ShouldBe([Try(1)]); // handed back: it is another's now
    }

    [Fact]
    public void Who_leaves_hands_back_what_waits_and_what_it_kills_and_then_is_done()
    {
        var worker = Lending(2);
        worker.Assign(Lease("l1", slots: 2), count: 3);
        worker.Starts(Try(0));
        var sent = worker.Tell(new Drain());

        sent.One<AttemptsReturned>().Attempts.ShouldBe([Try(2)]);
        sent.Of<KillAttempt>().ShouldBe([new("j1", Try(0), EndCause.Cancelled), new("j1", Try(1), EndCause.Cancelled)]);
        worker.Assign(Lease("l1", slots: 9), first: 5).One<AttemptsRefused>().Reason.ShouldContain("leaving");
        worker.Wait(5).Of<KillAttempt>().Count.ShouldBe(2);
        worker.Ends(Try(1), EndCause.Cancelled).ShouldSatisfyAllConditions(
            s => s.One<AttemptsReturned>().Attempts.ShouldBe([Try(1)]), s => s.One<ForgetAttempt>().Attempt.ShouldBe(Try(1)),
            s => s.Of<Drained>().ShouldBeEmpty());
        worker.Ends(Try(0), EndCause.Cancelled).ShouldSatisfyAllConditions(
            s => s.One<AttemptsReturned>().Attempts.ShouldBe([Try(0)]), s => s[^1].ShouldBe(new Envelope(Address.Executor, new Drained())));
        worker.Deadline.ShouldBeNull();
    }

    [Fact]
    public void Who_leaves_delivers_a_result_that_there_is_first()
    {
        var worker = Lending(3);
        worker.Assign(Lease("l1", slots: 3), count: 3);
        worker.Finishes(Try(0));
        worker.Tell(new Drain()).Of<KillAttempt>().Count.ShouldBe(2);
        worker.Ends(Try(1)).Of<AttemptsReturned>().ShouldBeEmpty(); // it was quicker than the kill: that is a result
        worker.Stores(Try(1)).One<TaskFinished>().Attempt.ShouldBe(Try(1));
        worker.Ends(Try(2), EndCause.Cancelled).Of<Drained>().ShouldBeEmpty();

        worker.Acks(Try(0)).Of<Drained>().ShouldBeEmpty();
        worker.Acks(Try(1)).Of<Drained>().Count.ShouldBe(1);
    }

    [Fact]
    public void A_timeout_under_way_stays_one_when_the_owner_leaves()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"), timeout: 10);
        worker.Starts(Try(0));
        worker.Wait(10).One<KillAttempt>().Cause.ShouldBe(EndCause.Timeout);
        worker.Tell(new Drain()).Of<KillAttempt>().ShouldBeEmpty();
        worker.Ends(Try(0), EndCause.Timeout).Of<AttemptsReturned>().ShouldBeEmpty();
        worker.Stores(Try(0)).One<TaskFinished>().Outcome.Cause.ShouldBe(EndCause.Timeout);
    }

    [Fact]
    public void Who_leaves_idle_is_done_at_once()
    {
        Lending(1).Tell(new Drain()).ShouldBe([new Envelope(Address.Executor, new Drained())]);
    }
}
