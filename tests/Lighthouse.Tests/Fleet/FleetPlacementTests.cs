using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Tests.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Fleet.FleetUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Fleet;

/// <summary>Who gets what, and when.</summary>
public sealed class FleetPlacementTests
{
    [Fact]
    public void A_demand_is_placed_at_once_with_what_a_task_gets_in_the_nodes_terms()
    {
        var fleet = Started(epoch: 3);
        fleet.Connect("mike", cores: 4, memoryGiB: 8);
        var sent = fleet.Want("j1", 1);

        sent.ShouldHaveSingleItem().To.ShouldBe(Address.Job("j1"));
        var lease = sent.One<LeaseGranted>().Lease;
        (lease.NodeId, lease.Epoch, lease.Slots, lease.BootId, lease.Connection).ShouldBe(("mike", 3, 1, "b1", 1));
        lease.PerTask.ShouldBe(new Resources(1, 2 * GiB, 0));
    }

    [Fact]
    public void Nothing_is_granted_before_the_epoch_is_known()
    {
        var fleet = new FleetUnderTest();
        fleet.Connect("mike");
        fleet.Want("j1", 1).ShouldBeEmpty();
        Granted(fleet.Tell(new FleetStarted(1))).ShouldBe([("j1", "mike", 1)]);
    }

    [Fact]
    public void The_idle_node_is_chosen_then_the_one_whose_owner_uses_less_then_the_preferred_then_by_name()
    {
        var fleet = Started();
        fleet.Connect("anna", usage: Usage(others: 0.5));
        fleet.Connect("mike");
        fleet.Connect("sara");
        Granted(fleet.Want("j1", 1)).ShouldBe([("j1", "mike", 1)]);
        Granted(fleet.Want("j2", 1)).ShouldBe([("j2", "sara", 1)]);
        Granted(fleet.Want("j3", 1)).ShouldBe([("j3", "anna", 1)]);

        fleet.Connect("tom", offer: Offer(4, 8));
        fleet.Connect("zoe", offer: Offer(4, 8, "python:numpy=1.24"));
        Granted(fleet.Want("j4", 1, prefers: ["python:numpy"])).ShouldBe([("j4", "zoe", 1)]);
    }

    [Fact]
    public void Many_tasks_spread_over_the_nodes_and_never_over_what_they_lend()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 2);
        fleet.Connect("raj", cores: 8);
        fleet.Connect("sara", cores: 8);

        Granted(fleet.Want("j1", 12)).ShouldBe([("j1", "mike", 2), ("j1", "raj", 5), ("j1", "sara", 5)]);
        Granted(fleet.Want("j2", 100, order: 2)).ShouldBe([("j2", "raj", 3), ("j2", "sara", 3)]);
        fleet.Want("j3", 1, order: 3).ShouldBeEmpty();
    }

    [Fact]
    public void A_lease_has_as_many_slots_as_memory_allows()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 8, memoryGiB: 10);
        Granted(fleet.Want("j1", 8, request: new ResourceRequest(1, 3 * GiB))).ShouldBe([("j1", "mike", 3)]);
    }

    [Fact]
    public void Those_who_wait_are_served_in_order_when_something_is_given_back()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 1);
        var lease = fleet.Want("j1", 1, order: 1).One<LeaseGranted>().Lease;
        fleet.Want("j3", 1, order: 3).ShouldBeEmpty();
        fleet.Want("j2", 1, order: 2).ShouldBeEmpty();

        Granted(fleet.Tell(new ReleaseLease("j1", lease.Id))).ShouldBe([("j2", "mike", 1)]);
        fleet.Tell(new ReleaseLease("j1", lease.Id)).ShouldBeEmpty();
    }

    [Fact]
    public void What_a_job_gives_back_it_does_not_get_again_unasked()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 1);
        var lease = fleet.Want("j1", 1).One<LeaseGranted>().Lease;
        fleet.Tell(new ReleaseLease("j1", lease.Id)).ShouldBeEmpty();
        Granted(fleet.Want("j1", 1)).ShouldBe([("j1", "mike", 1)]);
    }

    [Fact]
    public void A_node_that_joins_serves_those_who_wait()
    {
        var fleet = Started();
        fleet.Want("j1", 3);
        Granted(fleet.Connect("mike", cores: 2)).ShouldBe([("j1", "mike", 2)]);
        Granted(fleet.Connect("sara", cores: 2)).ShouldBe([("j1", "sara", 1)]);
    }

    [Fact]
    public void A_job_that_fits_nowhere_does_not_hold_up_those_behind_it()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 2);
        fleet.Want("big", 1, order: 1, request: new ResourceRequest(64)).ShouldBeEmpty();
        Granted(fleet.Want("small", 1, order: 2)).ShouldBe([("small", "mike", 1)]);
    }

    [Fact]
    public void A_heartbeat_that_changes_nothing_looks_at_nobody()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 2);
        fleet.Want("big", 1, request: new ResourceRequest(64));
        fleet.Beat("mike");
        fleet.Deadline!.Value.ShouldBeGreaterThan(fleet.Now);
        var loop = new Loop<FleetMachine, FleetEvent>(Address.Fleet);
        loop.Deliver(new FleetStarted(1), fleet.Now);
        loop.Deliver(new NodeConnected("mike", "mike", "m", "b1", 1, Offer(2, 8), Usage(), []), fleet.Now);
        loop.Deliver(Tick.Instance, fleet.Now);
        loop.Deliver(new NodeHeartbeat("mike", "b1", 1, null, Usage(), []), fleet.Now);
        loop.Deadline!.Value.ShouldBeGreaterThan(fleet.Now, "no placement is due");
    }

    [Fact]
    public void A_job_is_bound_to_the_node_and_the_labels_that_it_names()
    {
        var fleet = Started();
        fleet.Connect("mike", offer: Offer(4, 8, "python3=3.9.2"));
        fleet.Connect("raj", offer: Offer(4, 8, "python3=3.11.2", "blender=3.4"));

        Granted(fleet.Want("j1", 1, node: "raj")).ShouldBe([("j1", "raj", 1)]);
        Granted(fleet.Want("j2", 9, needs: ["blender"])).ShouldBe([("j2", "raj", 3)]);
        Granted(fleet.Want("j3", 1, needs: ["python3>=3.10"])).ShouldBeEmpty();
        Granted(fleet.Want("j4", 9, needs: ["python3>=3.9"])).ShouldBe([("j4", "mike", 4)]);
        Granted(fleet.Want("j5", 1, needs: ["julia"])).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("python3", true)]
    [InlineData("python3>=3.9", true)]
    [InlineData("python3>=3.11.2", true)]
    [InlineData("python3>=3.11.10", false)]
    [InlineData("python3>=4", false)]
    [InlineData("python3=3.11.2", true)]
    [InlineData("python3=3.11", false)]
    [InlineData("python", false)]
    public void Versions_compare_number_by_number(string need, bool met) =>
        (LabelNeed.Parse(need) is { Label: "python3" } python && python.IsMetBy("3.11.2")).ShouldBe(met);

    [Theory]
    [InlineData("gpu.memory>=8GiB", true)]
    [InlineData("gpu.memory>=24576MiB", true)]
    [InlineData("gpu.memory>=25GiB", false)]
    [InlineData("gpu.memory>=24GB", true)]
    public void Sizes_compare_by_their_bytes(string need, bool met) => LabelNeed.Parse(need).IsMetBy("24576MiB").ShouldBe(met);

    [Fact]
    public void A_paused_node_gets_no_new_lease_and_keeps_what_it_has()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 4);
        fleet.Want("j1", 1);
        fleet.Beat("mike", usage: Usage(paused: true)).ShouldBeEmpty();
        fleet.Want("j2", 1, order: 2).ShouldBeEmpty();
        fleet.Node("mike").Status.ShouldBe("paused");

        Granted(fleet.Beat("mike")).ShouldBe([("j2", "mike", 1)]);
        fleet.Node("mike").CoresFree.ShouldBe(2);
    }

    [Fact]
    public void What_a_node_still_runs_of_leases_that_are_over_is_not_lent_again()
    {
        var fleet = Started();
        var foreign = new HeldLease("old-1", "j0", 0, new Resources(3, 6 * GiB, 0));
        fleet.Connect("mike", cores: 4, held: foreign);
        Granted(fleet.Want("j1", 4)).ShouldBe([("j1", "mike", 1)]);
        Granted(fleet.Beat("mike")).ShouldBe([("j1", "mike", 3)]);
    }

    [Fact]
    public void A_lease_that_was_given_back_counts_again_only_if_the_node_reports_it_after_that()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 1, memoryGiB: 1);
        var lease = fleet.Want("j1", 1).One<LeaseGranted>().Lease;
        var held = new HeldLease(lease.Id, "j1", 1, lease.PerTask);
        fleet.Beat("mike", held: held);
        fleet.Tell(new DemandEnded("j1"));
        fleet.Node("mike").CoresFree.ShouldBe(1);

        fleet.Beat("mike", held: held);
        fleet.Node("mike").CoresFree.ShouldBe(0);
    }

    [Fact]
    public void A_node_that_a_job_avoids_is_not_lent_to_it_while_it_does()
    {
        var fleet = Started();
        fleet.Connect("mike");
        var demand = new Demand("j1", "raj", 1, new ResourceRequest(), null, [], [], 1, []);

        Granted(fleet.Tell(demand with { Avoid = ["mike"] })).ShouldBeEmpty();
        fleet.Why("j1").WaitsFor.ShouldNotBeNull().ShouldContain("it failed or was refused there a moment ago");
        Granted(fleet.Tell(demand)).ShouldBe([("j1", "mike", 1)]);
    }

    [Fact]
    public void A_node_that_refused_a_job_is_not_asked_again_at_once()
    {
        var fleet = Started();
        fleet.Connect("mike");
        var lease = fleet.Want("j1", 1).One<LeaseGranted>().Lease;
        fleet.Tell(new ReleaseLease("j1", lease.Id, Refused: true));
        fleet.Want("j1", 1).ShouldBeEmpty();
        Granted(fleet.Want("j2", 1, order: 2)).ShouldBe([("j2", "mike", 1)]);

        Granted(fleet.Wait(FleetLimits.RefusedPauseSeconds)).ShouldBe([("j1", "mike", 1)]);
    }

    [Fact]
    public void A_node_that_has_the_data_comes_first_then_one_that_was_not_lost_of_late_then_the_faster()
    {
        var fleet = Started();
        fleet.Connect("anna");
        fleet.Connect("mike");
        fleet.Connect("sara");
        var demand = new Demand("j1", "raj", 1, new ResourceRequest(), "sara", [], [], 1, []) { Data = "digest" };
        Granted(fleet.Tell(demand)).ShouldBe([("j1", "sara", 1)]);
        Granted(fleet.Tell(demand with { JobId = "j2", Node = null })).ShouldBe([("j2", "sara", 1)], "it has the data, though it is less idle");

        fleet.Tell(demand with { JobId = "j3", Node = null, Data = null, SlotsWanted = 0, Speeds = [new("anna", 0.5), new("mike", 1.5)] });
        Granted(fleet.Want("j4", 1)).ShouldBe([("j4", "mike", 1)]);

        fleet.Close("mike");
        fleet.Wait(1);
        fleet.Connect("mike");
        fleet.Node("mike").Status.ShouldBe("idle", "j4 runs on anna now");
        Granted(fleet.Want("j5", 1)).ShouldBe([("j5", "anna", 1)], "mike was lost while it held something");
    }

    [Fact]
    public void A_node_is_one_of_those_named_and_none_of_those_to_avoid()
    {
        var fleet = Started();
        fleet.Connect("anna");
        fleet.Connect("mike");
        fleet.Connect("sara");
        var demand = new Demand("j1", "raj", 1, new ResourceRequest(), null, [], [], 9, []);
        Granted(fleet.Tell(demand with { On = ["anna", "mike"], NotOn = ["mike"] })).ShouldBe([("j1", "anna", 4)]);
        fleet.Why("j1").Nodes.Select(n => string.Join(", ", n.Lacks)).ShouldBe(["0 cores free of 1 core asked", "named by --not-on", "not node anna or mike"]);
    }

    [Fact]
    public void What_is_free_on_a_disk_is_asked_like_a_label()
    {
        var fleet = Started();
        fleet.Connect("mike"); // 100 GiB free
        Granted(fleet.Want("j1", 1, needs: ["disk>=200GiB"])).ShouldBeEmpty();
        fleet.Why("j1").Nodes.Single().Lacks.ShouldBe(["no disk>=200GiB (it has 100 GiB free)"]);
        Granted(fleet.Want("j2", 1, needs: ["disk>=50GiB"])).ShouldBe([("j2", "mike", 1)]);
    }

    [Fact]
    public void A_node_on_which_tasks_fail_that_succeed_elsewhere_rests()
    {
        var fleet = Started();
        fleet.Connect("mike");
        fleet.Connect("sara");
        var lease = fleet.Want("j1", 1, node: "mike").One<LeaseGranted>().Lease;
        fleet.Tell(new NodeBlamed("mike", "j1", 1));
        fleet.Tell(new NodeBlamed("mike", "j1", 1)); // twice
        fleet.Tell(new NodeBlamed("mike", "j1", 2)).ShouldBeEmpty();
        fleet.Tell(new NodeBlamed("mike", "j2", 1)).One<RecallSlots>().ShouldBe(new RecallSlots(lease.Id, 0));

        fleet.Node("mike").Status.ShouldBe("resting");
        fleet.Node("mike").RestsUntil.ShouldBe(fleet.Now.AddMinutes(FleetLimits.RestMinutes));
        fleet.Want("j3", 1, node: "mike").Of<LeaseGranted>().ShouldBeEmpty();
        var why = fleet.Why("j3");
        why.WaitsFor.ShouldBe("mike could run it and rests");
        why.Nodes[0].Lacks.ShouldBe(["rests for 10 min: tasks failed there that succeeded elsewhere"]);
        for (var waited = 0.0; waited < FleetLimits.RestMinutes * 60; waited += 5)
        {
            fleet.Wait(5);
            fleet.Beat("mike");
            fleet.Want("j3", 1, node: "mike");
        }

        fleet.Node("mike").Status.ShouldBe("busy");
    }

    [Fact]
    public void The_last_node_does_not_rest()
    {
        var fleet = Started();
        fleet.Connect("mike");
        for (var task = 0; task < 9; task++)
        {
            fleet.Tell(new NodeBlamed("mike", "j1", task));
        }

        fleet.Node("mike").Status.ShouldBe("idle");
    }

    [Fact]
    public void Any_queue_on_any_pool_is_never_granted_more_than_there_is()
    {
        var random = new Random(11);
        var fleet = Started();
        var held = new SortedDictionary<string, Lease>();
        for (var step = 0; step < 3000; step++)
        {
            var sent = new List<Envelope>();
            var node = "n" + random.Next(8);
            switch (random.Next(5))
            {
                case 0:
                    sent.AddRange(fleet.Connect(node, cores: 1 + node[1] - '0', memoryGiB: 4));
                    break;
                case 1 when held.Count > 0:
                    var lease = held.Values.ElementAt(random.Next(held.Count));
                    held.Remove(lease.Id);
                    sent.AddRange(fleet.Tell(new ReleaseLease(lease.JobId, lease.Id)));
                    break;
                case 2:
                    var ended = "j" + random.Next(20);
                    held.Values.Where(l => l.JobId == ended).ToList().ForEach(l => held.Remove(l.Id));
                    sent.AddRange(fleet.Tell(new DemandEnded(ended)));
                    break;
                default:
                    var job = random.Next(20);
                    var mine = held.Values.Where(l => l.JobId == "j" + job).ToArray();
                    sent.AddRange(fleet.Want(
                        "j" + job, random.Next(12), order: job, request: new ResourceRequest(1 + job % 3, job % 2 == 0 ? GiB : null), held: mine));
                    break;
            }

            foreach (var granted in sent.Of<LeaseGranted>())
            {
                held[granted.Lease.Id] = granted.Lease;
            }

            foreach (var onNode in held.Values.GroupBy(l => l.NodeId))
            {
                onNode.Sum(l => l.Slots * l.PerTask.Cores).ShouldBeLessThanOrEqualTo(1 + onNode.Key[1] - '0');
                onNode.Sum(l => l.Slots * l.PerTask.MemoryBytes).ShouldBeLessThanOrEqualTo(4 * GiB);
            }
        }
    }
}
