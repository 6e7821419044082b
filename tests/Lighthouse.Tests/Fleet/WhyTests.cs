using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Tests.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Fleet.FleetUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Fleet;

/// <summary>Every wait has an answer.</summary>
public sealed class WhyTests
{
    [Fact]
    public void Nobody_has_joined()
    {
        var fleet = Started();
        fleet.Want("j1", 1);
        var why = fleet.Why("j1");
        (why.WaitsFor, why.Feasible, why.QueuePosition).ShouldBe(("no node has joined yet: akc join", false, 1));
    }

    [Fact]
    public void No_node_of_that_name()
    {
        var fleet = Started();
        fleet.Connect("mike");
        fleet.Connect("raj");
        fleet.Want("j1", 1, node: "zoe");
        var why = fleet.Why("j1");
        why.WaitsFor.ShouldBe("no node named zoe; nodes: mike, raj");
        why.Feasible.ShouldBeFalse();
        why.WouldHelp.ShouldContain("without --on zoe it starts on mike now");
    }

    [Fact]
    public void A_named_node_is_paused()
    {
        var fleet = Started();
        fleet.Connect("raj", usage: Usage(paused: true));
        fleet.Connect("mike");
        fleet.Want("j1", 1, node: "raj");
        var why = fleet.Why("j1");
        why.WaitsFor.ShouldBe("raj could run it and is paused");
        why.Feasible.ShouldBeTrue();
        why.WouldHelp.ShouldContain("owner-of-raj resumes raj");
        why.Nodes.Single(n => n.Name == "mike").Lacks.ShouldBe(["not node raj"]);
    }

    [Fact]
    public void No_node_has_the_label_and_who_had_it()
    {
        var fleet = Started();
        fleet.Connect("mike");
        fleet.Want("j1", 1, needs: ["blender"]);
        fleet.Why("j1").WaitsFor.ShouldBe("nobody has blender");
        fleet.Why("j1").WouldHelp.ShouldContain("install blender on mike");

        fleet.Connect("sara", offer: Offer(1, 1, "blender=3.4"), usage: Usage(paused: true));
        fleet.Close("sara", goodbye: true);
        fleet.Wait(2 * 3600);
        fleet.Connect("mike");
        fleet.Want("j1", 1, needs: ["blender"]);
        fleet.Why("j1").WaitsFor.ShouldBe("nobody has blender; sara had it, last seen 2 h ago");
        fleet.Why("j1").Feasible.ShouldBeTrue();
    }

    [Fact]
    public void No_node_is_large_enough()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 4);
        fleet.Want("j1", 1, request: new ResourceRequest(64));
        var why = fleet.Why("j1");
        why.WaitsFor.ShouldBe("no node is large enough: mike has 4 cores lent of 64 cores asked");
        why.Feasible.ShouldBeFalse();
        why.Nodes[0].CouldFit.ShouldBeFalse();
    }

    [Fact]
    public void Memory_is_short_and_less_would_do()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 4, memoryGiB: 10);
        fleet.Want("j1", 1, request: new ResourceRequest(1, 4 * GiB));
        fleet.Want("j2", 1, order: 2, request: new ResourceRequest(1, 8 * GiB));
        var why = fleet.Why("j2");
        why.WaitsFor.ShouldBe("mike: 6 GiB free of 8 GiB asked");
        why.WouldHelp.ShouldBe(["ask 6 GiB and it starts on mike now"]);
        var node = why.Nodes.ShouldHaveSingleItem();
        (node.Fits, node.CouldFit).ShouldBe((false, true));
    }

    [Fact]
    public void Others_are_ahead()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 1);
        for (var i = 1; i <= 4; i++)
        {
            fleet.Want($"j{i}", 1, order: i);
        }

        fleet.Why("j2").WaitsFor.ShouldBe("mike: 0 cores free of 1 core asked");
        fleet.Why("j3").WaitsFor.ShouldBe("1 job ahead of it");
        var why = fleet.Why("j4");
        (why.WaitsFor, why.QueuePosition, why.Feasible).ShouldBe(("2 jobs ahead of it", 3, true));
    }

    [Fact]
    public void Earlier_jobs_that_hold_nobody_up_are_not_ahead()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 1);
        fleet.Connect("sara", offer: Offer(2, 2, "blender"));
        fleet.Want("j1", 3, order: 1); // all there is
        fleet.Want("j2", 1, order: 2, request: new ResourceRequest(64)); // nobody could ever run it
        fleet.Want("j3", 1, order: 3, needs: ["blender"]); // waits for sara
        fleet.Want("j4", 1, order: 4); // waits for either
        fleet.Want("j5", 1, order: 5, node: "mike");

        fleet.Why("j3").QueuePosition.ShouldBe(1);
        fleet.Why("j4").WaitsFor.ShouldBe("1 job ahead of it");
        (fleet.Why("j5").WaitsFor, fleet.Why("j5").QueuePosition).ShouldBe(("1 job ahead of it", 2)); // j4; j3 takes nothing of mike's
    }

    [Fact]
    public void A_job_that_runs_or_is_over_waits_for_nothing()
    {
        var fleet = Started();
        fleet.Connect("mike");
        fleet.Want("j1", 1);
        fleet.Why("j1").WaitsFor.ShouldBeNull();
        fleet.Machine.Explain(Job("j9", "succeeded"), null).WaitsFor.ShouldBeNull();
    }

    [Fact]
    public void What_is_preferred_is_told_and_keeps_nothing_waiting()
    {
        var fleet = Started();
        fleet.Connect("mike", offer: Offer(1, 1, "python3", "python:numpy"));
        fleet.Connect("sara", offer: Offer(1, 1, "python3"));

        var sent = fleet.Want("j1", 1, needs: ["python3"], prefers: ["python:numpy", "python:sklearn"]);

        Granted(sent).ShouldBe([("j1", "mike", 1)]);
        var why = fleet.Why("j1");
        why.WaitsFor.ShouldBeNull();
        why.Nodes.Single(n => n.Name == "mike").Misses.ShouldBe(["python:sklearn"]);
        why.Nodes.Single(n => n.Name == "sara").Misses.ShouldBe(["python:numpy", "python:sklearn"]);
    }

    [Fact]
    public void A_node_that_is_being_freed_for_it()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 8, memoryGiB: 8);
        var lease = fleet.WantAs("raj", "j1", 8).One<LeaseGranted>().Lease;
        fleet.WantAs("ann", "j2", 1, order: 2, request: new ResourceRequest(4, GiB));
        fleet.Wait(FleetLimits.RecallEverySeconds);

        fleet.Why("j2").WaitsFor.ShouldBe("mike is being freed for it: 0 of 4 cores so far");
        fleet.Tell(new ReduceLease("j1", lease.Id, 5));
        fleet.Why("j2").WaitsFor.ShouldBe("mike is being freed for it: 3 of 4 cores so far");
    }

    [Fact]
    public void A_slot_that_is_on_its_way_back()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 8);
        fleet.WantAs("raj", "j1", 8);
        fleet.WantAs("ann", "j2", 1, order: 2);
        fleet.Wait(FleetLimits.RecallEverySeconds);

        fleet.Why("j2").WaitsFor.ShouldBe("mike is being freed: it starts when a task there has ended");
    }

    [Fact]
    public void A_job_that_was_lent_something_waits_for_nothing_though_its_own_tasks_use_all_there_is()
    {
        var fleet = Started();
        fleet.Connect("mike", cores: 1);
        fleet.Connect("raj", cores: 1);
        fleet.Want("j1", 6);

        fleet.Why("j1").WaitsFor.ShouldBeNull();
        fleet.Machine.Explain(Job("j1"), null, isOfTask: true, retry: null).WaitsFor.ShouldBe("all 2 nodes that could run it are in use: mike, raj");
        fleet.Want("j2", 1, order: 2);
        fleet.Why("j2").WaitsFor.ShouldBe("1 job ahead of it");
    }

    [Fact]
    public void What_was_not_looked_at_yet_is_not_known_to_wait()
    {
        var fleet = new FleetUnderTest();
        fleet.Machine.HasPlaced.ShouldBeTrue(); // it will not before it has begun
        fleet.Tell(new FleetStarted(1));
        fleet.Want("j1", 1);
        fleet.TellAlone(new NodeConnected("mike", "mike", "mike", "b1", 1, Offer(1, 1), Usage(), []));
        fleet.Machine.HasPlaced.ShouldBeFalse();
        fleet.Tell(Tick.Instance);
        fleet.Machine.HasPlaced.ShouldBeTrue();
        fleet.Why("j1").WaitsFor.ShouldBeNull();
    }

    [Fact]
    public void No_node_is_left_by_what_was_named()
    {
        var fleet = Started();
        fleet.Connect("ann");
        var demand = new Demand("j1", "raj", 1, new ResourceRequest(), null, [], [], 1, []) { NotOn = ["ann"] };

        WaitsFor(demand).ShouldBe("--not-on leaves no node: ann is the only one");
        fleet.Connect("mike");
        WaitsFor(demand with { NotOn = ["ann", "mike"] }).ShouldBe("--not-on leaves no node: ann, mike are all 2");
        WaitsFor(demand with { On = ["ann"] }).ShouldBe("--on and --not-on leave no node: both name ann");

        string? WaitsFor(Demand asked) => fleet.Machine.Explain(Job("j1"), asked).WaitsFor;
    }

    [Fact]
    public void What_failed_is_tried_again_where_it_did_not_fail()
    {
        var fleet = Started();
        fleet.Connect("raj", cores: 1);
        var demand = new Demand("j1", "raj", 1, new ResourceRequest(), null, [], [], 2, []) { Avoid = ["raj"] };
        var at = DateTimeOffset.UnixEpoch;
        WaitsFor(2).ShouldBe("2 tasks that failed are tried again, on raj as before: no other node could run them; task 0 exited with 3 on raj");

        fleet.Connect("ann", cores: 1);
        WaitsFor(1).ShouldBe("a task that failed is tried again, first on ann; task 0 exited with 3 on raj");
        fleet.Want("j2", 2);
        WaitsFor(1).ShouldBe("a task that failed is tried again, first on ann, in use now; task 0 exited with 3 on raj");
        fleet.Close("ann", goodbye: true);
        fleet.Close("raj", goodbye: true);
        WaitsFor(1).ShouldStartWith("a task that failed is tried again, but 2 nodes have joined, none is connected now");

        string? WaitsFor(int tasks)
        {
            var why = fleet.Machine.Explain(Job("j1"), demand, isOfTask: false, new RetryToCome(tasks, "task 0 exited with 3 on raj", at));
            (why.RetryAt, why.QueuePosition, why.WouldHelp.Count).ShouldBe((at, null, 0));
            return why.WaitsFor;
        }
    }

    [Theory]
    [InlineData("ask disk>=100GiB and it starts on mike now", "disk>=1TB")]
    [InlineData("ask gpu.memory>=8GiB and it starts on mike now", "gpu.memory>=24GiB")]
    [InlineData("install blender>=4.2 on mike and ask disk>=100GiB", "disk>=1TB", "blender>=4.2")]
    [InlineData("install blender on mike", "blender", "os=linux")]
    [InlineData("a node joins that has what it needs: akc join", "os=windows")]
    public void What_can_not_be_installed_is_asked_less(string help, params string[] needs)
    {
        var fleet = Started();
        fleet.Connect("mike", offer: Offer(1, 1, "os=linux", "gpu.memory=8GiB"));
        fleet.Want("j1", 1, needs: needs);
        fleet.Why("j1").WouldHelp[0].ShouldBe(help);
    }
}
