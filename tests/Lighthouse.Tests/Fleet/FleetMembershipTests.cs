using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Tests.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Fleet.FleetUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Fleet;

/// <summary>Nodes that come, go, restart and fall silent; supervisors that do.</summary>
public sealed class FleetMembershipTests
{
    [Fact]
    public void However_many_are_silent_each_is_heard_again_on_its_connection()
    {
        var fleet = Started();
        var names = Enumerable.Range(0, FleetLimits.OfflineMax).Select(i => $"n{i:D4}").ToList();
        names.ForEach(n => fleet.Connect(n));
        fleet.Wait(LinkTimes.SilentSeconds);
        fleet.Connect("one more");
        fleet.Wait(LinkTimes.SilentSeconds);

        names.ForEach(n => fleet.Beat(n));

        fleet.Machine.Nodes().Count(n => n.Status != "offline").ShouldBe(names.Count);
    }

    [Fact]
    public void However_many_close_at_once_those_that_are_away_longest_are_forgotten()
    {
        var fleet = Started();
        fleet.Connect("first");
        fleet.Wait(LinkTimes.SilentSeconds);
        fleet.Close("first");
        var names = Enumerable.Range(0, FleetLimits.OfflineMax).Select(i => $"n{i:D4}").ToList();
        names.ForEach(n => fleet.Connect(n));
        names.ForEach(n => fleet.Close(n));
        fleet.Wait(LinkTimes.ClosedGraceSeconds);

        fleet.Machine.Nodes().Select(n => n.Name).ShouldBe(names);
    }

    [Fact]
    public void A_closed_connection_has_a_moment_to_come_back()
    {
        var fleet = Started();
        fleet.Connect("mike");
        fleet.Want("j1", 1);
        fleet.Close("mike");
        fleet.Want("j2", 1, order: 2).ShouldBeEmpty();
        fleet.Wait(LinkTimes.ClosedGraceSeconds - 0.1).ShouldBeEmpty();

        Granted(fleet.Connect("mike")).ShouldBe([("j2", "mike", 1)]);
        fleet.Wait(5).Of<LeaseEnded>().ShouldBeEmpty();
        fleet.Node("mike").CoresFree.ShouldBe(2);
    }

    [Fact]
    public void A_node_that_does_not_come_back_loses_its_leases()
    {
        var fleet = Started();
        fleet.Connect("mike");
        var lease = fleet.Want("j1", 1).One<LeaseGranted>().Lease;
        fleet.Close("mike");
        var sent = fleet.Wait(LinkTimes.ClosedGraceSeconds);

        sent.ShouldBe([new Envelope(Address.Job("j1"), new LeaseEnded(lease.Id, "mike", LeaseEndReason.NodeGone))]);
        fleet.Node("mike").Status.ShouldBe("offline");
    }

    [Fact]
    public void Goodbye_is_at_once()
    {
        var fleet = Started();
        fleet.Connect("mike");
        fleet.Want("j1", 1);
        fleet.Close("mike", goodbye: true).One<LeaseEnded>().Reason.ShouldBe(LeaseEndReason.NodeLeaving);
        fleet.Node("mike").Status.ShouldBe("offline");
    }

    [Fact]
    public void A_silent_node_is_offline_until_it_is_heard_again()
    {
        var fleet = Started();
        fleet.Connect("mike");
        fleet.Want("j1", 1);
        fleet.Wait(LinkTimes.SilentSeconds - 0.1).ShouldBeEmpty();
        fleet.Wait(0.2).One<LeaseEnded>().Reason.ShouldBe(LeaseEndReason.NodeSilent);
        fleet.Node("mike").Status.ShouldBe("offline");

        fleet.Want("j1", 1).ShouldBeEmpty();
        Granted(fleet.Beat("mike")).ShouldBe([("j1", "mike", 1)]);
    }

    [Fact]
    public void Heartbeats_keep_a_node()
    {
        var fleet = Started();
        fleet.Connect("mike");
        fleet.Want("j1", 1);
        for (var i = 0; i < 3; i++)
        {
            fleet.Wait(LinkTimes.SilentSeconds - 2).Of<LeaseEnded>().ShouldBeEmpty();
            fleet.Beat("mike");
        }
    }

    [Fact]
    public void A_restarted_node_loses_its_leases_and_starts_empty()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 2);
        fleet.Want("j1", 2);
        var sent = fleet.Connect("mike", cores: 2, boot: "b2");

        sent.One<LeaseEnded>().Reason.ShouldBe(LeaseEndReason.NodeRestarted);
        sent.One<LeaseGranted>().Lease.BootId.ShouldBe("b2");
    }

    [Fact]
    public void What_comes_of_an_older_connection_is_ignored()
    {
        var fleet = Started();
        fleet.Connect("mike", connection: 5);
        fleet.Want("j1", 1);
        fleet.Tell(new NodeConnected("mike", "mike", "m", "b0", 4, Offer(64, 64), Usage(), [])).ShouldBeEmpty();
        fleet.Tell(new NodeHeartbeat("mike", "b0", 4, Offer(64, 64), Usage(), [])).ShouldBeEmpty();
        fleet.Tell(new NodeClosed("mike", "b0", 4, true)).ShouldBeEmpty();
        (fleet.Node("mike").Cores, fleet.Node("mike").Status).ShouldBe((4, "busy"));

        fleet.Close("mike");
        fleet.Beat("mike"); // was on its way when the connection closed
        fleet.Wait(1).One<LeaseEnded>();
    }

    [Fact]
    public void A_heartbeat_can_stand_in_for_a_lost_connect_of_a_known_node()
    {
        var fleet = Started();
        fleet.Connect("mike");
        fleet.Close("mike");
        fleet.Tell(new NodeHeartbeat("mike", "b1", 9, null, Usage(), []));
        fleet.Wait(3);
        fleet.Node("mike").Status.ShouldBe("idle");
        fleet.Tell(new NodeHeartbeat("nobody", "b1", 9, null, Usage(), []));
        fleet.Machine.Nodes().Count.ShouldBe(1);
    }

    [Fact]
    public void Offline_nodes_are_remembered_for_a_day_and_only_so_many()
    {
        var fleet = Started();
        for (var i = 0; i < FleetLimits.OfflineMax + 5; i++)
        {
            fleet.Connect($"n{i:0000}");
            fleet.Close($"n{i:0000}", goodbye: true);
            fleet.Wait(0.001);
        }

        fleet.Machine.Nodes().Count.ShouldBe(FleetLimits.OfflineMax);
        fleet.Machine.Nodes()[0].Name.ShouldBe("n0005");
        fleet.Wait(25 * 3600);
        fleet.Machine.Nodes().ShouldBeEmpty();
        fleet.Deadline.ShouldBeNull();
    }

    [Fact]
    public void A_supervisor_that_falls_silent_loses_its_leases()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 1);
        var lease = fleet.Want("j1", 1).One<LeaseGranted>().Lease;
        for (var i = 0; i < 5; i++)
        {
            fleet.Wait(Demand.RenewSeconds).Of<LeaseEnded>().ShouldBeEmpty();
            fleet.Beat("mike");
            fleet.Want("j1", 1, held: lease);
        }

        for (var i = 0; i < Demand.ExpireSeconds / 5; i++)
        {
            fleet.Beat("mike");
            fleet.Want("j2", 1, order: 2);
            Granted(fleet.Wait(5)).ShouldBe(i == 3 ? [("j2", "mike", 1)] : []);
        }
    }

    [Fact]
    public void A_grant_that_was_lost_is_repeated_with_the_next_demand()
    {
        var fleet = Started();
        fleet.Connect("mike");
        var lease = fleet.Want("j1", 1).One<LeaseGranted>().Lease;
        fleet.Want("j1", 1).One<LeaseGranted>().Lease.ShouldBe(lease);
        fleet.Want("j1", 1, held: lease).ShouldBeEmpty();
    }

    [Fact]
    public void A_lease_end_that_was_lost_is_repeated_with_the_next_demand()
    {
        var fleet = Started();
        fleet.Connect("mike");
        var lease = fleet.Want("j1", 1).One<LeaseGranted>().Lease;
        fleet.Wait(LinkTimes.SilentSeconds);
        fleet.Want("j1", 1, held: lease).One<LeaseEnded>().Reason.ShouldBe(LeaseEndReason.NodeSilent);
        fleet.Connect("mike", boot: "b2");
        fleet.Want("j1", 1, held: lease).Of<LeaseEnded>().ShouldContain(e => e.Reason == LeaseEndReason.NodeRestarted);
    }
}
