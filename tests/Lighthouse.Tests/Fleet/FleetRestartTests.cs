using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Tests.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Fleet.FleetUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Fleet;

/// <summary>A new Fleet learns from nodes and supervisors who holds what.</summary>
public sealed class FleetRestartTests
{
    private static readonly Lease Old = new("l1-7", 1, "j1", "mike", "mike", "b1", 4, 2, new Resources(1, 2 * GiB, 0));
    private static readonly HeldLease Held = new("l1-7", "j1", 1, new Resources(2, 4 * GiB, 0));

    [Fact]
    public void A_lease_that_its_node_reports_is_adopted_with_the_new_epoch_and_counted_once()
    {
        var fleet = Started(epoch: 2);
        fleet.Connect("mike", cores: 4, connection: 5, held: Held);
        fleet.Node("mike").CoresFree.ShouldBe(2);
        var sent = fleet.Want("j1", 2, held: Old);

        var lease = sent.One<LeaseGranted>().Lease;
        (lease.Id, lease.Epoch, lease.Connection, lease.Slots).ShouldBe(("l1-7", 2, 5, 2));
        fleet.Node("mike").CoresFree.ShouldBe(2);
        fleet.Beat("mike", held: Held);
        fleet.Node("mike").CoresFree.ShouldBe(2);
        fleet.Want("j1", 2, held: Old).One<LeaseGranted>().Lease.Epoch.ShouldBe(2); // it missed the new epoch
        fleet.Want("j1", 2, held: lease).ShouldBeEmpty();
    }

    [Fact]
    public void A_lease_whose_results_are_on_their_way_is_adopted_though_its_node_is_full()
    {
        var fleet = Started(epoch: 2);
        fleet.Connect(
            "mike", cores: 2, connection: 5,
            held: [new HeldLease("l1-8", "j2", 1, new Resources(2, 4 * GiB, 0)), new HeldLease("l1-7", "j1", 1, Resources.None)]);

        var sent = fleet.Want("j1", 2, held: Old);

        var lease = sent.One<LeaseGranted>().Lease;
        (lease.Id, lease.Slots).ShouldBe(("l1-7", 1)); // nothing is free: no more than what it takes to be heard
        sent.Of<LeaseEnded>().ShouldBeEmpty(); // its tasks would run again
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_lent_meanwhile_is_not_lent_again_with_an_adopted_lease(bool jobIsHeardFirst)
    {
        var fleet = Started(epoch: 2);
        HeldLease[] held = [new HeldLease("l1-8", "j2", 1, new Resources(1, 2 * GiB, 0)), new HeldLease("l1-7", "j1", 1, Resources.None)];
        var leases = new List<Lease>();
        if (jobIsHeardFirst)
        {
            fleet.Want("j1", 2, held: Old);
        }

        leases.AddRange(fleet.Connect("mike", cores: 2, memoryGiB: 4, connection: 5, held: held).Of<LeaseGranted>().Select(g => g.Lease));
        leases.AddRange(fleet.Want("j2", 2, order: 2, held: Old with { Id = "l1-8", JobId = "j2" }).Of<LeaseGranted>().Select(g => g.Lease));
        leases.AddRange(fleet.Want("j1", 2, held: Old).Of<LeaseGranted>().Select(g => g.Lease));

        leases.DistinctBy(lease => lease.Id).Sum(lease => lease.Slots).ShouldBeLessThanOrEqualTo(3); // one is there to be heard
        fleet.Node("mike").CoresFree.ShouldBe(0);
    }

    [Fact]
    public void A_young_fleet_waits_for_the_node_and_lends_nothing_else_for_those_tasks()
    {
        var fleet = Started(epoch: 2);
        fleet.Connect("sara", cores: 8);
        fleet.Want("j1", 2, held: Old).ShouldBeEmpty();
        Granted(fleet.Want("j1", 3, held: Old)).ShouldBe([("j1", "sara", 1)]);
        fleet.Connect("mike", cores: 4, connection: 5, held: Held);

        fleet.Want("j1", 3, held: Old).Of<LeaseGranted>().ShouldContain(g => g.Lease.Id == "l1-7");
    }

    [Fact]
    public void A_lease_that_is_waited_for_is_adopted_the_moment_its_node_reports_it()
    {
        var fleet = Started(epoch: 2);
        fleet.Want("j1", 2, held: Old).ShouldBeEmpty();

        var lease = fleet.Connect("mike", cores: 4, connection: 5, held: Held).One<LeaseGranted>().Lease;

        (lease.Id, lease.Epoch, lease.Connection, lease.Slots).ShouldBe(("l1-7", 2, 5, 2));
        fleet.Node("mike").CoresFree.ShouldBe(2);
        fleet.Beat("mike", held: Held).ShouldBeEmpty();
        fleet.Want("j1", 2, held: lease).ShouldBeEmpty();
    }

    [Fact]
    public void A_node_that_came_back_and_died_before_the_next_demand_is_gone_at_once()
    {
        var fleet = Started(epoch: 2);
        fleet.Want("j1", 2, held: Old);
        fleet.Connect("mike", connection: 5, held: Held);
        fleet.Close("mike");

        fleet.Wait(LinkTimes.ClosedGraceSeconds).One<LeaseEnded>().ShouldBe(new LeaseEnded("l1-7", "mike", LeaseEndReason.NodeGone));
        fleet.Connect("sara", cores: 8);
        Granted(fleet.Want("j1", 2)).ShouldBe([("j1", "sara", 2)]);
    }

    [Fact]
    public void A_node_that_came_back_and_died_before_the_first_demand_is_gone_at_once()
    {
        var fleet = Started(epoch: 2);
        fleet.Connect("mike", connection: 5, held: Held);
        fleet.Close("mike");
        fleet.Wait(LinkTimes.ClosedGraceSeconds);

        fleet.Want("j1", 2, held: Old).One<LeaseEnded>().Reason.ShouldBe(LeaseEndReason.NodeGone);
    }

    [Fact]
    public void A_waited_for_lease_that_its_node_never_reported_ends_with_the_node()
    {
        var fleet = Started(epoch: 2);
        fleet.Want("j1", 2, held: Old);
        fleet.Connect("mike", connection: 5).ShouldBeEmpty();

        fleet.Close("mike", goodbye: true).One<LeaseEnded>().Reason.ShouldBe(LeaseEndReason.NodeLeaving);
    }

    [Fact]
    public void A_waited_for_node_that_comes_as_another_process_has_lost_its_leases_and_their_slots_are_lent_anew()
    {
        var fleet = Started(epoch: 2);
        fleet.Want("j1", 2, held: Old);

        var sent = fleet.Connect("mike", cores: 4, boot: "b2", connection: 5);

        sent.One<LeaseEnded>().Reason.ShouldBe(LeaseEndReason.NodeRestarted);
        Granted(sent).ShouldBe([("j1", "mike", 2)]);
    }

    [Fact]
    public void A_waited_for_lease_that_the_job_gives_back_is_not_adopted()
    {
        var fleet = Started(epoch: 2);
        fleet.Want("j1", 2, held: Old);
        fleet.Tell(new ReleaseLease("j1", Old.Id));

        fleet.Connect("mike", connection: 5, held: Held).ShouldBeEmpty();
    }

    [Fact]
    public void A_node_that_does_not_come_to_a_new_fleet_has_lost_its_leases()
    {
        var fleet = Started(epoch: 2);
        fleet.Wait(LinkTimes.RecoverySeconds);
        fleet.Want("j1", 2, held: Old).One<LeaseEnded>().Reason.ShouldBe(LeaseEndReason.Unknown);
    }

    [Fact]
    public void A_node_that_restarted_meanwhile_has_lost_its_leases()
    {
        var fleet = Started(epoch: 2);
        fleet.Connect("mike", boot: "b2", connection: 5);
        fleet.Want("j1", 2, held: Old).Of<LeaseEnded>().ShouldHaveSingleItem().Reason.ShouldBe(LeaseEndReason.NodeRestarted);
    }

    [Fact]
    public void A_lease_that_was_idle_at_the_restart_is_adopted_if_it_still_fits()
    {
        var fleet = Started(epoch: 2);
        fleet.Connect("mike", cores: 2, memoryGiB: 4, connection: 5);
        fleet.Want("j1", 2, held: Old).One<LeaseGranted>().Lease.Id.ShouldBe("l1-7");

        var full = Started(epoch: 2);
        full.Connect("mike", cores: 2, memoryGiB: 4, connection: 5);
        full.Want("j2", 1);
        full.Want("j1", 2, held: Old).One<LeaseEnded>();
    }

    [Fact]
    public void What_the_job_gave_back_is_not_adopted_by_an_older_demand_that_comes_late()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 1);
        var lease = fleet.Want("j1", 1).One<LeaseGranted>().Lease;
        fleet.Beat("mike", held: new HeldLease(lease.Id, "j1", 1, lease.PerTask));
        fleet.Tell(new ReleaseLease("j1", lease.Id));

        fleet.Want("j1", 0, held: lease).One<LeaseEnded>().LeaseId.ShouldBe(lease.Id);
    }

    [Fact]
    public void Nodes_that_an_earlier_fleet_knew_are_offline_until_they_connect()
    {
        var seen = new FleetUnderTest().Now.AddHours(-2);
        var fleet = Started(epoch: 2, Known("sara", seen, "blender"), Known("mike", seen));
        fleet.Want("j1", 1, needs: ["blender"]);
        fleet.Want("j2", 1, order: 2, node: "mike");
        fleet.Want("j3", 1, order: 3);

        fleet.Machine.Nodes().Select(n => (n.Name, n.Owner, n.Status, n.LastSeen)).ShouldBe([("mike", "ann", "offline", seen), ("sara", "ann", "offline", seen)]);
        fleet.Why("j1").WaitsFor.ShouldBe("sara could run it and is offline, last seen 2 h ago");
        fleet.Why("j2").WaitsFor.ShouldBe("mike could run it and is offline, last seen 2 h ago");
        fleet.Why("j3").WaitsFor.ShouldBe("2 nodes have joined, none is connected now: mike, sara");
        Granted(fleet.Connect("mike", connection: 1)).ShouldBe([("j2", "mike", 1), ("j3", "mike", 1)]);
        fleet.Why("j1").WaitsFor.ShouldBe("nobody has blender; sara had it, last seen 2 h ago");
    }

    [Fact]
    public void Of_a_known_node_a_lease_is_awaited_as_of_an_unknown_one()
    {
        var fleet = Started(epoch: 2, Known("mike", new FleetUnderTest().Now));
        fleet.Want("j1", 2, held: Old).ShouldBeEmpty();

        fleet.Connect("mike", cores: 4, connection: 5, held: Held).One<LeaseGranted>().Lease.Id.ShouldBe("l1-7");
    }

    [Fact]
    public void A_known_node_has_to_connect_before_its_heartbeats_count()
    {
        var fleet = Started(epoch: 2, Known("mike", new FleetUnderTest().Now));
        fleet.Tell(new NodeHeartbeat("mike", "b1", 5, null, Usage(), []));
        fleet.Node("mike").Status.ShouldBe("offline");
    }

    [Fact]
    public void What_a_known_node_has_free_on_its_disk_is_not_known()
    {
        var fleet = Started(epoch: 2, Known("mike", new FleetUnderTest().Now));
        fleet.Want("j1", 1, needs: ["disk>=50GiB"]);
        fleet.Why("j1").WaitsFor.ShouldBe("mike could run it and is offline, last seen 0 s ago");
    }

    [Fact]
    public void Known_nodes_are_forgotten_like_any_other_that_is_away()
    {
        var now = new FleetUnderTest().Now;
        var many = Enumerable.Range(0, FleetLimits.OfflineMax + 1).Select(i => Known($"n{i:0000}", now.AddHours(i == 0 ? 1 : -1))).ToArray();
        var fleet = Started(epoch: 2, [Known("zoe", now.AddHours(-FleetLimits.OfflineHours)), .. many]);

        fleet.Machine.Nodes().Count.ShouldBe(FleetLimits.OfflineMax - 1); // zoe had the place of the last
        fleet.Node("n0000").LastSeen.ShouldBe(now); // not in the future
        fleet.Wait((FleetLimits.OfflineHours - 1) * 3600);
        fleet.Machine.Nodes().Select(n => n.Name).ShouldBe(["n0000"]);
    }

    private static KnownNode Known(string name, DateTimeOffset seen, params string[] labels) => new(name, name, "ann", Offer(4, 8, labels), seen);
}
