using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Tests.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Fleet.FleetUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Fleet;

/// <summary>Everybody gets an equal part of what they ask for, and nobody waits for ever.</summary>
public sealed class FairShareTests
{
    [Fact]
    public void What_comes_free_at_once_is_divided_between_those_who_wait()
    {
        var fleet = Started();
        fleet.WantAs("raj", "j1", 100);
        fleet.WantAs("mei", "j2", 100, order: 2);
        fleet.WantAs("zoe", "j3", 2, order: 3);

        Granted(fleet.Connect("mike", cores: 8, memoryGiB: 8)).GroupBy(g => g.Job).Select(g => (g.Key, g.Sum(l => l.Slots))).Order()
            .ShouldBe([("j1", 3), ("j2", 3), ("j3", 2)]);
    }

    [Fact]
    public void Who_comes_later_gets_half_as_soon_as_the_tasks_that_run_have_ended()
    {
        var pool = new FairPool();
        pool.Fleet.Connect("mike", cores: 4);
        pool.Fleet.Connect("sara", cores: 4);
        pool.Submit("raj", "j1", 1000);
        pool.Round();
        pool.Running("j1").ShouldBe(8);

        pool.Submit("mei", "j2", 1000);
        pool.Running("j1").ShouldBe(8); // what runs is never ended for it
        for (var round = 0; round < 20; round++)
        {
            pool.Round();
            (pool.Running("j1"), pool.Running("j2")).ShouldBe((4, 4), $"round {round}");
        }
    }

    [Fact]
    public void A_single_task_of_a_third_starts_within_one_tasks_length()
    {
        var pool = new FairPool();
        pool.Fleet.Connect("mike", cores: 2);
        pool.Submit("raj", "j1", 1000);
        pool.Submit("mei", "j2", 1000);
        pool.Round();
        (pool.Running("j1"), pool.Running("j2")).ShouldBe((1, 1));

        pool.Submit("zoe", "j3", 1);
        pool.Round();
        pool.Running("j3").ShouldBe(1);
    }

    [Fact]
    public void People_that_are_more_than_slots_take_turns()
    {
        var pool = new FairPool();
        pool.Fleet.Connect("mike", cores: 2);
        string[] people = ["ada", "bea", "cem", "dan", "eve"];
        foreach (var person in people)
        {
            pool.Submit(person, "of-" + person, 1000);
        }

        var rounds = people.ToDictionary(p => p, _ => 0);
        for (var round = 0; round < 50; round++)
        {
            pool.Round();
            people.ToList().ForEach(p => rounds[p] += pool.RunningOf(p));
        }

        rounds.Values.Min().ShouldBeGreaterThan(14, string.Join(", ", rounds)); // 20 each, if changing hands took no time
        rounds.Values.Sum().ShouldBe(100, "nothing stays free meanwhile");
    }

    [Fact]
    public void An_odd_slot_stays_where_it_is()
    {
        var pool = new FairPool();
        pool.Fleet.Connect("mike", cores: 3);
        pool.Submit("raj", "j1", 1000);
        pool.Submit("mei", "j2", 1000);
        pool.Round();
        for (var round = 0; round < 10; round++)
        {
            pool.Round();
            (pool.Running("j1"), pool.Running("j2")).ShouldBe((2, 1));
        }
    }

    [Fact]
    public void A_big_job_gets_a_whole_node_though_small_tasks_never_end()
    {
        var pool = new FairPool();
        pool.Fleet.Connect("mike", cores: 4);
        pool.Submit("raj", "j1", 1000);
        pool.Submit("zoe", "j2", 1000);
        pool.Round();
        pool.Submit("mei", "big", 1, new ResourceRequest(4));

        pool.Round();
        pool.Running("big").ShouldBe(1);
        pool.Round();
        (pool.Running("j1"), pool.Running("j2")).ShouldBe((2, 2));
    }

    [Fact]
    public void What_comes_free_for_a_big_job_is_not_lent_to_others_meanwhile()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 2);
        var lease = fleet.WantAs("raj", "j1", 9).One<LeaseGranted>().Lease;
        fleet.Wait(2 * FleetLimits.RecallEverySeconds);
        List<Envelope> asked = [.. fleet.WantAs("mei", "big", 1, order: 2, request: new ResourceRequest(2)), .. fleet.Wait(FleetLimits.RecallEverySeconds)];
        asked.One<RecallSlots>().ShouldBe(new RecallSlots(lease.Id, 0));

        fleet.Tell(new ReduceLease("j1", lease.Id, 1)).ShouldBeEmpty();
        fleet.WantAs("zoe", "small", 1, order: 3).Of<LeaseGranted>().ShouldBeEmpty();
        Granted(fleet.Tell(new ReduceLease("j1", lease.Id, 0))).ShouldBe([("big", "mike", 1)]);
    }

    [Fact]
    public void A_node_is_not_kept_for_a_job_that_is_gone()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 2);
        var lease = fleet.WantAs("raj", "j1", 9).One<LeaseGranted>().Lease;
        fleet.Wait(2 * FleetLimits.RecallEverySeconds);
        fleet.WantAs("mei", "big", 1, order: 2, request: new ResourceRequest(2));
        fleet.Wait(FleetLimits.RecallEverySeconds);
        fleet.Tell(new ReduceLease("j1", lease.Id, 1));
        fleet.WantAs("zoe", "small", 1, order: 3);

        fleet.Tell(new DemandEnded("big"));
        Granted(fleet.Wait(FleetLimits.RecallEverySeconds)).ShouldBe([("small", "mike", 1)]);
    }

    [Fact]
    public void The_higher_priority_of_ones_own_jobs_goes_first_and_takes_from_the_lower_alone()
    {
        var pool = new FairPool();
        pool.Fleet.Connect("mike", cores: 4);
        pool.Submit("raj", "low", 1000);
        pool.Submit("mei", "other", 1000);
        pool.Round();
        pool.Submit("raj", "high", 1000, priority: 5);
        pool.Round();
        pool.Round();

        (pool.Running("low"), pool.Running("high"), pool.Running("other")).ShouldBe((0, 2, 2));
    }

    [Fact]
    public void Ones_own_jobs_of_the_same_priority_wait_in_the_order_of_their_submits()
    {
        var pool = new FairPool();
        pool.Fleet.Connect("mike", cores: 2);
        pool.Submit("raj", "first", 6);
        pool.Submit("raj", "second", 6);
        for (var round = 0; round < 2; round++)
        {
            pool.Round();
            (pool.Running("first"), pool.Running("second")).ShouldBe((2, 0));
        }

        pool.Round();
        (pool.Running("first"), pool.Running("second")).ShouldBe((0, 2));
    }

    [Fact]
    public void A_job_that_has_had_nothing_for_a_minute_gets_room_though_its_owner_has_a_share()
    {
        var pool = new FairPool();
        pool.Fleet.Connect("gpus", cores: 2, memoryGiB: 64);
        pool.Fleet.Connect("mike", cores: 8);
        pool.Submit("mei", "hers", 1000); // the ten of them
        pool.Submit("raj", "mine", 1000);
        pool.Round();
        pool.Submit("raj", "large", 1, new ResourceRequest(1, 40 * GiB));
        for (var round = 0; round < 70 && pool.Running("large") == 0; round++)
        {
            pool.Round();
        }

        pool.Running("large").ShouldBe(1);
    }

    [Fact]
    public void A_recall_or_what_came_of_it_that_was_lost_is_said_again_with_the_next_demand()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 2);
        var lease = fleet.WantAs("raj", "j1", 9).One<LeaseGranted>().Lease;
        fleet.Wait(2 * FleetLimits.RecallEverySeconds);
        var recall = new RecallSlots(lease.Id, 1);
        List<Envelope> asked = [.. fleet.WantAs("mei", "j2", 9, order: 2), .. fleet.Wait(FleetLimits.RecallEverySeconds)];
        asked.One<RecallSlots>().ShouldBe(recall);

        fleet.WantAs("raj", "j1", 9, held: lease).One<RecallSlots>().ShouldBe(recall);
        Granted(fleet.WantAs("raj", "j1", 9, held: lease with { Slots = 1 })).ShouldBe([("j2", "mike", 1)]);
        fleet.WantAs("raj", "j1", 9, held: lease).One<RecallSlots>().ShouldBe(recall);
    }
}
