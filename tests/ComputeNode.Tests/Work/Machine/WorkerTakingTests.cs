using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.ComputeNode.Tests.Work.Machine.WorkerUnderTest;

namespace AkkaCompute.ComputeNode.Tests.Work.Machine;

/// <summary>What is taken, what is refused, and what starts when.</summary>
public sealed class WorkerTakingTests
{
    [Fact]
    public void As_many_as_the_lease_has_slots_start_and_the_others_wait_in_order()
    {
        var worker = Lending(8);
        var sent = worker.Assign(Lease("l1", slots: 2), count: 4);

        sent.Started().ShouldBe([0, 1]);
        sent.Of<StartAttempt>()[0].ShouldSatisfyAllConditions(
            s => s.JobId.ShouldBe("j1"), s => s.Attempt.ShouldBe(Try(0)), s => s.PerTask.ShouldBe(OneCore), s => s.TaskCount.ShouldBe(100),
            s => s.Template!.Command.ShouldBe(["true"]));
        sent.ShouldAllBe(e => e.To == Address.Executor);
        worker.Held.ShouldBe([new HeldLease("l1", "j1", 1, OneCore.Times(2))]);
        worker.Ends(Try(1)).Started().ShouldBe([2]);
        worker.Ends(Try(0)).Started().ShouldBe([3]);
    }

    [Fact]
    public void Nothing_starts_beyond_what_is_lent_and_a_free_slot_serves_the_oldest_of_all_leases()
    {
        var worker = Lending(2);
        worker.Assign(Lease("l1", slots: 2, perTask: OneCore.Times(2)), count: 2).Started().ShouldBe([0]);
        worker.Assign(Lease("l2", slots: 2, job: "j2"), first: 10, count: 2).Started().ShouldBeEmpty();

        worker.Ends(Try(0)).Started().ShouldBe([1]);
        worker.Ends(Try(1)).Started().ShouldBe([10, 11]);
    }

    [Fact]
    public void A_lease_of_an_earlier_Fleet_is_refused()
    {
        var worker = Lending(8);
        worker.Assign(Lease("l2", epoch: 7), first: 0);
        var refused = worker.Assign(Lease("l1", epoch: 6), first: 1).One<AttemptsRefused>();

        refused.Attempts.ShouldBe([Try(1)]);
        refused.Reason.ShouldContain("earlier Fleet");
        worker.Assign(Lease("l3", epoch: 7), first: 2).Started().ShouldBe([2]);
    }

    [Theory]
    [InlineData(Node, "b0")]
    [InlineData("sara", Boot)]
    public void A_lease_of_another_node_or_an_earlier_start_is_refused(string node, string boot)
    {
        var worker = Lending(8);
        var sent = worker.Assign(Lease("l1", node: node, boot: boot), count: 2);

        sent.ShouldHaveSingleItem().To.ShouldBe(Address.Job("j1"));
        sent.One<AttemptsRefused>().ShouldSatisfyAllConditions(
            r => r.Attempts.ShouldBe([Try(0), Try(1)]), r => (r.NodeId, r.BootId).ShouldBe((Node, Boot)), r => r.Reason.ShouldContain("earlier start"));
        worker.Held.ShouldBeEmpty();
    }

    [Fact]
    public void A_task_that_asks_more_than_is_lent_is_refused()
    {
        var worker = Lending(2);
        worker.Assign(Lease("l1", perTask: OneCore.Times(3))).One<AttemptsRefused>().Reason.ShouldContain("lends less");
        worker.Assign(Lease("l1", perTask: new Resources(1, 1, 1))).One<AttemptsRefused>().Attempts.ShouldBe([Try(0)]);
    }

    [Fact]
    public void Twenty_thousand_attempts_are_taken_and_one_more_is_not()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"), count: 20_001).One<AttemptsRefused>().Reason.ShouldContain("too many");
        worker.Assign(Lease("l1"), count: 20_000).Of<AttemptsRefused>().ShouldBeEmpty();
        worker.Assign(Lease("l1"), first: 20_000).One<AttemptsRefused>().Attempts.ShouldBe([Try(20_000)]);
    }

    [Fact]
    public void Before_it_knows_its_own_name_it_says_nothing()
    {
        var worker = new WorkerUnderTest();
        worker.Assign(Lease("l1", node: "", boot: "")).ShouldBeEmpty();
        worker.Deadline.ShouldBeNull();
    }

    [Fact]
    public void A_repeated_assignment_is_answered_with_a_report_and_starts_nothing()
    {
        var worker = Lending(1);
        worker.Assign(Lease("l1"), count: 2);
        var again = worker.Assign(Lease("l1"), count: 2);

        again.Started().ShouldBeEmpty();
        again.One<WorkerReport>().ShouldSatisfyAllConditions(r => r.Attempts.ShouldBe([Try(0), Try(1)]), r => r.Connection.ShouldBe(1));
        worker.Ends(Try(0)).Started().ShouldBe([1]);
        worker.Ends(Try(1)).Started().ShouldBeEmpty();
    }

    [Fact]
    public void A_task_that_one_assignment_names_twice_is_taken_once()
    {
        var worker = Lending(4);
        worker.Tell(Tasks(Lease("l1", slots: 4), null, new TaskRange(0, 2, 1), new TaskRange(1, 2, 1))).Started().ShouldBe([0, 1, 2]);
        worker.Wait(5).One<WorkerReport>().Attempts.ShouldBe([Try(0), Try(1), Try(2)]);
    }

    [Fact]
    public void Of_an_assignment_that_is_known_in_part_only_the_rest_starts()
    {
        var worker = Lending(4);
        worker.Assign(Lease("l1", slots: 4), count: 2);
        worker.Assign(Lease("l1", slots: 4), count: 3).Started().ShouldBe([2]);
    }

    [Fact]
    public void Another_attempt_of_the_same_task_is_another_attempt()
    {
        var worker = Lending(4);
        worker.Assign(Lease("l1", slots: 4));
        worker.Tell(Tasks(Lease("l1", slots: 4), null, new TaskRange(0, 1, 2))).One<StartAttempt>().Attempt.ShouldBe(Try(0, 2));
    }

    [Fact]
    public void An_assignment_of_what_was_here_and_is_gone_does_not_run_it_again()
    {
        var worker = Lending(4);
        worker.Assign(Lease("l1", slots: 4));
        worker.Finishes(Try(0));
        worker.Acks(Try(0));
        var sent = worker.Assign(Lease("l1", slots: 4), count: 2);

        sent.Started().ShouldBe([1]);
        sent.One<AttemptsRefused>().ShouldSatisfyAllConditions(r => r.Attempts.ShouldBe([Try(0)]), r => r.Reason.ShouldContain("was here"));
    }

    [Fact]
    public void A_stop_that_overtakes_its_assignment_holds()
    {
        var worker = Lending(4);
        worker.Stops(Try(0)).ShouldBeEmpty();
        var sent = worker.Assign(Lease("l1"));

        sent.Started().ShouldBeEmpty();
        sent.One<AttemptsRefused>().Attempts.ShouldBe([Try(0)]);
    }

    [Fact]
    public void A_renewed_lease_with_more_slots_starts_more_and_what_a_task_gets_stays()
    {
        var worker = Lending(8);
        worker.Assign(Lease("l1", slots: 1), count: 3).Started().ShouldBe([0]);
        worker.Assign(Lease("l1", slots: 3, epoch: 2, perTask: OneCore.Times(2)), first: 3).Started().ShouldBeEmpty(); // older ones go first

        var sent = worker.Ends(Try(0));
        sent.Started().ShouldBe([1, 2, 3]);
        sent.Of<StartAttempt>().ShouldAllBe(s => s.PerTask == OneCore);
        worker.Held.ShouldBe([new HeldLease("l1", "j1", 2, OneCore.Times(3))]);
    }
}
